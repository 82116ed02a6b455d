"""Load, frequency and temperature of the CPU. Sources: `cores`, psutil (frequency), Linux's hwmon (temperature)."""

import time
from pathlib import Path

import psutil

from sampler.readings import CpuReading
from sampler.schedule import Clock, Throttled
from sampler.sources.cores import Cores
from sampler.tolerant_read import TolerantRead

SLOW_S = 1.0
"""Time between reads of frequency and temperature. Reading the frequency interrupts every core."""

CPU_SENSORS = ("coretemp", "k10temp", "zenpower", "cpu_thermal")
"""hwmon drivers of CPUs (Intel, AMD, AMD, ARM boards). `temp1` of each is the package."""


class CpuSource:
    def __init__(self, root: Path = Path("/"), clock: Clock = time.monotonic) -> None:
        self._cores = Cores(root)
        self._sensors = sensors(root)
        self._frequency = Throttled(TolerantRead("the CPU's frequency", _frequency), SLOW_S, clock)
        self._temperature = Throttled(TolerantRead("the CPU's temperature", self._warmest), SLOW_S, clock)
        self.prepare()

    def prepare(self) -> None:
        """Read frequency and temperature if their interval has passed. It takes milliseconds with many cores."""
        self._frequency()
        self._temperature()

    def read(self) -> CpuReading:
        """Return the load since the last read, with frequency and temperature as last prepared."""
        cores = self._cores.read()
        return CpuReading(
            percent=round(sum(cores) / len(cores), 2),
            per_core=cores,
            frequency=self._frequency.last,
            temperature=self._temperature.last,
        )

    def _warmest(self) -> float | None:
        """Return the warmest package's temperature. psutil would read every sensor, even those of sleeping disks."""
        return max((int(sensor.read_text()) / 1000 for sensor in self._sensors), default=None)


def sensors(root: Path) -> list[Path]:
    """Return the temperature files of the CPU's packages."""
    names = root.glob("sys/class/hwmon/hwmon*/name")
    inputs = [name.with_name("temp1_input") for name in names if name.read_text().strip() in CPU_SENSORS]
    return [sensor for sensor in inputs if sensor.exists()]


def _frequency() -> float | None:
    """Return the mean over the cores, in MHz."""
    frequency = psutil.cpu_freq()
    return round(frequency.current, 1) if frequency and frequency.current else None
