"""The machine's batteries and power adapter. Source: Linux's sysfs, elsewhere psutil.

psutil's own reading of sysfs takes a wireless mouse's battery for the machine's and knows few names of power adapters.
https://www.kernel.org/doc/Documentation/ABI/testing/sysfs-class-power
"""

import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from statistics import fmean

import psutil

from sampler.readings import BatteryReading
from sampler.sources.kernel_file import entries, exists, number, text
from sampler.tolerant_read import TolerantReads

READ_INTERVAL_S = 5.0
"""Some firmware takes milliseconds for each file."""

PLUGGED = {"Discharging": False, "Charging": True, "Full": True, "Not charging": True}
"""Whether the adapter is plugged in, by a battery's status. `Unknown` does not say."""
ADAPTERS = re.compile("Mains|USB.*|Wireless")
"""Types of power adapters. USB has several, such as USB_PD."""
FULL = 100


class BatterySource:
    def __init__(self, root: Path = Path("/"), reads: TolerantReads | None = None) -> None:
        self._supplies = root / "sys/class/power_supply"
        self._reads = reads or TolerantReads()

    def read(self) -> BatteryReading | None:
        """Return the batteries' state, or None if the machine has or reports no battery."""
        self._reads.forget("battery ")
        return self._by_sysfs() if exists(self._supplies) else _by_psutil()

    def _by_sysfs(self) -> BatteryReading | None:
        """Combine all batteries that power the machine. The battery of a mouse has the scope `Device`."""
        found = [supply for supply in entries(self._supplies) if self._text(supply, "scope") != "Device"]
        kinds = {supply: self._text(supply, "type") or "" for supply in found}
        batteries = [supply for supply in found if kinds[supply] == "Battery" and self._text(supply, "present") != "0"]
        if not batteries:
            return None
        adapters = [
            (kinds[supply], self._number(supply, "online")) for supply in found if ADAPTERS.fullmatch(kinds[supply])
        ]
        charges = [charge for battery in batteries if (charge := self._charge(battery)) is not None]
        plugged = _is_plugged(adapters, [self._text(battery, "status") for battery in batteries])
        return BatteryReading(plugged=plugged, percent=round(fmean(charges), 1) if charges else None)

    def _charge(self, battery: Path) -> float | None:
        """Return percent. Some firmware reports only how much energy or charge is left, some a little over 100 %."""
        if (capacity := self._number(battery, "capacity")) is not None:
            return min(FULL, capacity) if capacity >= 0 else None
        for kind in ("energy", "charge"):
            left, full = (self._number(battery, f"{kind}_{amount}") for amount in ("now", "full"))
            if left is not None and left >= 0 and full:
                return min(FULL, FULL * left / full)
        return None

    def _text(self, supply: Path, name: str) -> str | None:
        return self._reads.read(f"battery {supply.name} {name}", partial(text, supply / name))

    def _number(self, supply: Path, name: str) -> int | None:
        return self._reads.read(f"battery {supply.name} {name}", partial(number, supply / name))


def _is_plugged(adapters: Sequence[tuple[str, int | None]], statuses: Sequence[str | None]) -> bool | None:
    """Return whether the machine is plugged in. A USB port without a charger says nothing, unlike the mains."""
    if any(online for _, online in adapters):
        return True
    by_status = _by_status(statuses)
    return False if by_status is None and ("Mains", 0) in adapters else by_status


def _by_status(statuses: Sequence[str | None]) -> bool | None:
    """Return whether the machine is plugged in: no battery may be discharging while another one idles."""
    known = [PLUGGED[status] for status in statuses if status in PLUGGED]
    return all(known) if known else None


def _by_psutil() -> BatteryReading | None:
    found = psutil.sensors_battery()
    return found and BatteryReading(plugged=found.power_plugged, percent=round(found.percent, 1))
