"""How busy, fast and warm the CPU is. Sources: `cores`, psutil (frequency) and Linux's hwmon (temperature)."""

import time
from pathlib import Path

import psutil

from sampler.readings import Cpu
from sampler.schedule import Clock, Throttled
from sampler.sources.cores import Cores
from sampler.tolerant_read import Probe

SLOW_S = 1.0
"""Frequency and temperature are read once a second: a frequency interrupts every core to ask for it."""

CPU_SENSORS = ("coretemp", "k10temp", "zenpower", "cpu_thermal")
"""The hwmon drivers of CPUs (Intel, AMD, AMD, ARM boards); `temp1` of each is the package."""


class CpuSource:
    def __init__(self, root: Path = Path("/"), clock: Clock = time.monotonic) -> None:
        self._cores = Cores(root)
        self._sensors = sensors(root)
        self._frequency = Throttled(Probe("the CPU's frequency", _frequency), SLOW_S, clock)
        self._temperature = Throttled(Probe("the CPU's temperature", self._warmest), SLOW_S, clock)
        self.prepare()

    def prepare(self) -> None:
        """Read anew what is read seldom, because on a machine of many cores it takes milliseconds."""
        self._frequency()
        self._temperature()

    def read(self) -> Cpu:
        """Busy shares since the last read; frequency and temperature as they were last prepared."""
        cores = self._cores.read()
        return Cpu(
            percent=round(sum(cores) / len(cores), 2),
            per_core=cores,
            frequency=self._frequency.kept,
            temperature=self._temperature.kept,
        )

    def _warmest(self) -> float | None:
        """Of all packages. psutil would read every sensor of the machine for it, sleeping disks among them."""
        return max((int(sensor.read_text()) / 1000 for sensor in self._sensors), default=None)


def sensors(root: Path) -> list[Path]:
    """The thermometers of the CPU's packages."""
    names = root.glob("sys/class/hwmon/hwmon*/name")
    inputs = [name.with_name("temp1_input") for name in names if name.read_text().strip() in CPU_SENSORS]
    return [sensor for sensor in inputs if sensor.exists()]


def _frequency() -> float | None:
    """The mean over the cores, in MHz."""
    frequency = psutil.cpu_freq()
    return round(frequency.current, 1) if frequency and frequency.current else None
