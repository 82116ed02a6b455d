"""The CPU's temperature. Sources: Linux's hwmon, else its thermal zones.

psutil would read every sensor, even those of sleeping disks.
https://docs.kernel.org/hwmon/sysfs-interface.html, https://docs.kernel.org/driver-api/thermal/sysfs-api.html
"""

import re
import time
from pathlib import Path

from sampler.loop.schedule import Clock, Throttled
from sampler.sources import alternatives
from sampler.sources.kernel_file import entries, number, text
from sampler.tolerant_read import NotReportedError

FIND_INTERVAL_S = 60.0
"""Time between searches, because a driver may be loaded later."""

CPU_DRIVERS = re.compile(r"coretemp|k10temp|zenpower\d?|k8temp|via_cputemp|peci_cputemp.*")
"""hwmon drivers of processors' own sensors."""
CHIP_NAMES = re.compile(
    r"(cpu|soc|big|little|cluster|package|x86_pkg|bcm2835|imx|ap|tj|mcu)[\w-]*?([_-]?(thermal|therm|temp)[\w-]*)",
    re.IGNORECASE,
)
"""hwmon drivers and thermal zones of ARM chips, and x86_pkg_temp."""
CPU_LABELS = re.compile(r"(?!.*(gpu|vrm|ssd|battery)).*\b(cpu|soc|package|processor|tdie|tctl|peci)", re.IGNORECASE)
"""Labels of a processor's sensor in other chips: the board's, a laptop's controller, scpi's, Apple's (macsmc)."""
DIE_LABELS = ("package", "tdie", "tctl")
"""Beginnings of the labels of a processor's whole die, the best first. Tctl may have an offset for the fan."""
LAST_RESORT = ("acpitz",)
"""ACPI's zone. It is mostly the processor's or near it, and it counts if there is nothing better."""

PLAUSIBLE = (1, 125)
"""°C. Drivers report 0, -128, 127 or 255 for a sensor that is not there."""


class Thermometers:
    """The sensors of all CPU packages."""

    def __init__(self, root: Path = Path("/"), clock: Clock = time.monotonic) -> None:
        self._sensors = Throttled(lambda: _sensors(root), FIND_INTERVAL_S, clock)

    def warmest(self) -> float:
        """Return the temperature of the warmest package.

        Raises:
            NotReportedError: if the machine has no sensor of the CPU.
            OSError, ValueError: if no sensor has a valid value.
        """
        groups = self._sensors()
        if not groups:
            raise NotReportedError("the kernel has no CPU sensor, as in virtual machines")
        found = alternatives.first(lambda files: alternatives.known(_celsius, files) or None, groups)
        if found is None:
            raise LookupError("the sensors have gone")
        return max(found)


def _sensors(root: Path) -> list[list[Path]]:
    """Return groups of temperature files, the most reliable first.

    Raises:
        OSError: if the name of a chip is not readable and no other is the CPU's.
    """
    errors: list[OSError] = []
    chips = [(_text(chip / "name", errors), chip) for chip in entries(root / "sys/class/hwmon", "hwmon")]
    zones = [
        (_text(zone / "type", errors), zone / "temp") for zone in entries(root / "sys/class/thermal", "thermal_zone")
    ]
    groups = [
        [file for name, chip in chips if CPU_DRIVERS.fullmatch(name) for file in _die(chip, errors)],
        [file for name, chip in chips if CHIP_NAMES.fullmatch(name) for file in _inputs(chip)],
        [file for name, file in zones if CHIP_NAMES.fullmatch(name)],
        [file for _, chip in chips for file in _inputs(chip) if CPU_LABELS.match(_label(file, errors))],
    ]
    if errors and not any(groups):
        raise errors[0]
    groups += [
        [file for name, file in zones if name in LAST_RESORT],
        [file for name, chip in chips if name in LAST_RESORT for file in _inputs(chip)],
    ]
    return [group for group in groups if group]


def _die(chip: Path, errors: list[OSError]) -> list[Path]:
    """Return the sensors of the whole die, else all of them, such as those of each core."""
    files = _inputs(chip)
    labels = {file: _label(file, errors).lower() for file in files}
    labelled = ([file for file in files if labels[file].startswith(label)] for label in DIE_LABELS)
    return next(filter(None, labelled), files)


def _inputs(chip: Path) -> list[Path]:
    return entries(chip, r"temp\d+_input$")


def _label(file: Path, errors: list[OSError]) -> str:
    return _text(file.with_name(file.name.replace("_input", "_label")), errors)


def _text(path: Path, errors: list[OSError]) -> str:
    """Return the text, or nothing if it is not readable: another sensor may be."""
    try:
        return text(path) or ""
    except OSError as error:
        errors.append(error)
        return ""


def _celsius(file: Path) -> float | None:
    """Return degrees Celsius. Files hold thousandths, and those of some old drivers degrees."""
    value = number(file)
    if value is None:
        return None
    degrees = value if 0 < value <= PLAUSIBLE[1] else value / 1000
    if not PLAUSIBLE[0] <= degrees <= PLAUSIBLE[1]:
        raise ValueError(f"{file} holds {value}, which no running processor has")
    return degrees
