"""Whether the machine runs on battery. Source: Linux's sysfs, elsewhere psutil.

psutil's own look at sysfs takes a wireless mouse's battery for the machine's, and knows few names of a power adapter.
https://www.kernel.org/doc/Documentation/ABI/testing/sysfs-class-power
"""

from pathlib import Path
from statistics import fmean

import psutil

from sampler.readings import Battery
from sampler.sources.kernel_file import text

READ_S = 5.0
"""Some firmware takes milliseconds to answer each file."""

PLUGGED = {"Discharging": False, "Charging": True, "Full": True, "Not charging": True}
"""What a battery's status says of the adapter; `Unknown` says nothing."""


class BatterySource:
    def __init__(self, root: Path = Path("/")) -> None:
        self._supplies = root / "sys/class/power_supply"

    def read(self) -> Battery | None:
        """None where the machine has no battery, as a desktop, or does not tell of one."""
        return _by_sysfs(self._supplies) if self._supplies.is_dir() else _by_psutil()


def _by_sysfs(supplies: Path) -> Battery | None:
    """Over all batteries that feed the machine."""
    found = sorted(supply for supply in supplies.iterdir() if text(supply / "scope") != "Device")
    batteries = [supply for supply in found if text(supply / "type") == "Battery"]
    if not batteries:
        return None
    online = [text(supply / "online") == "1" for supply in found if text(supply / "type") in {"Mains", "USB"}]
    charges = [float(charge) for battery in batteries if (charge := text(battery / "capacity"))]
    plugged = any(online) or _by_status([text(battery / "status") for battery in batteries])
    return Battery(plugged=plugged, percent=round(fmean(charges), 1) if charges else None)


def _by_status(statuses: list[str | None]) -> bool | None:
    """One battery may discharge while the other one waits."""
    known = [PLUGGED[status] for status in statuses if status in PLUGGED]
    return all(known) if known else None


def _by_psutil() -> Battery | None:
    found = psutil.sensors_battery()
    return found and Battery(plugged=found.power_plugged, percent=round(found.percent, 1))
