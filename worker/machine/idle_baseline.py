"""Idle-machine baseline, recorded before each test. The test's runs are compared with it."""

from collections.abc import Callable
from dataclasses import dataclass
from time import sleep
from typing import Self

from redis import Redis

from common.messaging.redis import clock_ms
from common.records.machine import BaselineRecord, Observation
from common.records.usage import Usage, usage
from worker.machine import readings
from worker.machine.aggregates import aggregate, stored_energy
from worker.machine.energy import Energy

RECENT_MS = 3000
"""A sampler that published no reading in this time is not running, and no baseline is recorded."""
SETTLING_MS = 500
"""Time for the load before the baseline to fade: some GPUs report a mean utilisation over up to a second."""
MS_PER_S = 1000


@dataclass(frozen=True)
class Baseline:
    """The idle machine from `start` to `end`, in ms of Redis's clock. `observed` has the aggregates of a phase."""

    start: int
    end: int
    usage: Usage
    observed: Observation

    def record(self) -> BaselineRecord:
        """Return the baseline as it is stored with its test."""
        return {"start": self.start, "end": self.end, "usage": self.usage.describe(), "observed": self.observed}

    @classmethod
    def from_stored(cls, stored: BaselineRecord) -> Self:
        """Return a baseline from what `record` returned."""
        return cls(stored["start"], stored["end"], Usage(**stored["usage"]), stored["observed"])

    @property
    def energy(self) -> Energy | None:
        """The idle machine's energy, if known."""
        return stored_energy(self.observed)


def record(redis: Redis, host: str, seconds: float, log: Callable[[str], None]) -> Baseline | None:
    """Record the idle machine for a number of seconds.

    Return None at once if no sampler publishes readings, or if `seconds` is 0. The first half second is left out, or
    the first half of a shorter time.
    """
    begin = clock_ms(redis)
    if not seconds or not readings.read(redis, host, begin - RECENT_MS, begin).within(begin - RECENT_MS, begin):
        return None
    log(f"idle baseline: recording the idle machine for {seconds:g} s")
    sleep(seconds)
    start, end = begin + int(min(SETTLING_MS, MS_PER_S * seconds / 2)), clock_ms(redis)
    window = readings.read(redis, host, start, end)
    return Baseline(start, end, usage(window.within(start, end)), aggregate(window, [(start, end)]))
