"""What the machine does while nothing is asked of it, before a test: what its runs are held against."""

from collections.abc import Callable
from dataclasses import dataclass
from time import sleep
from typing import Self

from redis import Redis

from common.free_json import Json
from common.messaging.redis import clock_ms
from worker.machine import readings
from worker.machine.aggregates import energy_of, observe
from worker.machine.energy import Energy
from worker.machine.usage import Usage, usage

RECENT_MS = 3000
"""Without a reading in this time no sampler is there, and nobody waits for one."""
SETTLING_MS = 500
"""Utilisation is a mean over up to a second on some GPUs, so what ran before fades out first."""
MS_PER_S = 1000


@dataclass(frozen=True)
class Baseline:
    """`start` and `end` in ms of Redis's clock; `observed` is as a phase's is."""

    start: int
    end: int
    usage: Usage
    observed: Json

    def describe(self) -> Json:
        """As it is stored with its test."""
        return {"start": self.start, "end": self.end, "usage": self.usage.describe(), "observed": self.observed}

    @classmethod
    def stored(cls, told: Json) -> Self:
        return cls(told["start"], told["end"], Usage(**told["usage"]), told["observed"])

    @property
    def energy(self) -> Energy | None:
        return energy_of(self.observed)


def take(redis: Redis, host: str, seconds: float, log: Callable[[str], None]) -> Baseline | None:
    """Wait so long and see; None, and no waiting, where no sampler reads or `seconds` is 0.

    The wait begins with half a second, or half of it where it is short, that is not looked at.
    """
    begin = clock_ms(redis)
    if not seconds or not readings.read(redis, host, begin - RECENT_MS, begin).taken(begin - RECENT_MS, begin):
        return None
    log(f"idle baseline: {seconds:g} s in which nothing is asked of the machine")
    sleep(seconds)
    start, end = begin + int(min(SETTLING_MS, MS_PER_S * seconds / 2)), clock_ms(redis)
    seen = readings.read(redis, host, start, end)
    return Baseline(start, end, usage(seen.taken(start, end)), observe(seen, [(start, end)]))
