"""Load, frequency and temperature of the CPU. Sources: `cores`, `frequency`, `thermometers`."""

import time
from pathlib import Path
from statistics import fmean

from sampler.loop.schedule import Clock, Throttled
from sampler.readings import CpuReading
from sampler.sources import frequency
from sampler.sources.cores import Cores
from sampler.sources.thermometers import Thermometers
from sampler.tolerant_read import TolerantReads

SLOW_S = 1.0
"""Time between reads of frequency and temperature. Reading the frequency interrupts every core."""


class CpuSource:
    def __init__(
        self, root: Path = Path("/"), clock: Clock = time.monotonic, reads: TolerantReads | None = None
    ) -> None:
        reads = reads or TolerantReads()
        self._load = reads.tolerant("cpu load", Cores(root).read)
        self._frequency = Throttled(reads.tolerant("cpu frequency", lambda: frequency.current(root)), SLOW_S, clock)
        self._temperature = Throttled(
            reads.tolerant("cpu temperature", Thermometers(root, clock).warmest), SLOW_S, clock
        )
        self.prepare()

    def prepare(self) -> None:
        """Read frequency and temperature if their interval has passed. It takes milliseconds with many cores."""
        self._frequency()
        self._temperature()

    def read(self) -> CpuReading:
        """Return the load since the last read, with frequency and temperature as last prepared."""
        cores = self._load()
        known = [core for core in cores or () if core is not None]
        return CpuReading(
            percent=round(fmean(known), 2) if known else None,
            per_core=cores,
            frequency=self._frequency.last,
            temperature=self._temperature.last,
        )
