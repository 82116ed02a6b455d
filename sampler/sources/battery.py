"""The machine's batteries and power adapter. Source: Linux's sysfs, elsewhere psutil.

psutil's own reading of sysfs takes a wireless mouse's battery for the machine's and knows few names of power adapters.
https://www.kernel.org/doc/Documentation/ABI/testing/sysfs-class-power
"""

from pathlib import Path
from statistics import fmean

import psutil

from sampler.readings import BatteryReading
from sampler.sources.kernel_file import text

READ_INTERVAL_S = 5.0
"""Some firmware takes milliseconds for each file."""

PLUGGED = {"Discharging": False, "Charging": True, "Full": True, "Not charging": True}
"""Whether the adapter is plugged in, by a battery's status. `Unknown` gives no answer."""


class BatterySource:
    def __init__(self, root: Path = Path("/")) -> None:
        self._supplies = root / "sys/class/power_supply"

    def read(self) -> BatteryReading | None:
        """Return the batteries' state, or None if the machine has or reports no battery."""
        return _by_sysfs(self._supplies) if self._supplies.is_dir() else _by_psutil()


def _by_sysfs(supplies: Path) -> BatteryReading | None:
    """Combine all batteries that power the machine."""
    found = sorted(supply for supply in supplies.iterdir() if text(supply / "scope") != "Device")
    batteries = [supply for supply in found if text(supply / "type") == "Battery"]
    if not batteries:
        return None
    online = [text(supply / "online") == "1" for supply in found if text(supply / "type") in {"Mains", "USB"}]
    charges = [float(charge) for battery in batteries if (charge := text(battery / "capacity"))]
    plugged = any(online) or _by_status([text(battery / "status") for battery in batteries])
    return BatteryReading(plugged=plugged, percent=round(fmean(charges), 1) if charges else None)


def _by_status(statuses: list[str | None]) -> bool | None:
    """Return whether the machine is plugged in: no battery may be discharging while another one idles."""
    known = [PLUGGED[status] for status in statuses if status in PLUGGED]
    return all(known) if known else None


def _by_psutil() -> BatteryReading | None:
    found = psutil.sensors_battery()
    return found and BatteryReading(plugged=found.power_plugged, percent=round(found.percent, 1))
