"""How the clock that requests are stamped with (CLOCK_REALTIME) stands to the Redis server's, which readings are on.

The server is asked for its TIME several times. It read its clock somewhere between question and answer, so the middle
of the quickest round trip is off by half of that trip at most, whatever each way took (Cristian, Probabilistic Clock
Synchronization, 1989).
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from redis import Redis

from common.units import NS_PER_MS

ROUNDS = 5
"""Some hundred microseconds each over a local network; one of them finds both sides at leisure."""
TICK_NS = 1000
"""TIME tells whole microseconds, so its clock is ahead of what it tells by up to one."""


@dataclass(frozen=True)
class Offset:
    """Redis's clock is `ahead_ns` ahead of this machine's, to within `bound_ns` either way."""

    ahead_ns: float
    bound_ns: float

    def at(self, stamp_ns: float) -> float:
        """A stamp of this machine's CLOCK_REALTIME in ms of Redis's clock."""
        return (stamp_ns + self.ahead_ns) / NS_PER_MS

    @property
    def bound(self) -> float:
        """In ms."""
        return self.bound_ns / NS_PER_MS

    def joined(self, other: Self) -> Self:
        """What holds at both times, and between them as long as the clocks drift one way."""
        low = min(self.ahead_ns - self.bound_ns, other.ahead_ns - other.bound_ns)
        high = max(self.ahead_ns + self.bound_ns, other.ahead_ns + other.bound_ns)
        return type(self)((low + high) / 2, (high - low) / 2)


def offset(redis: Redis, clock: Callable[[], int] = time.time_ns) -> Offset:
    """By the quickest of several round trips; takes about a millisecond, so never within what is measured."""
    return min((_round_trip(redis, clock) for _ in range(ROUNDS)), key=lambda found: found.bound_ns)


def _round_trip(redis: Redis, clock: Callable[[], int]) -> Offset:
    before = clock()
    seconds, microseconds = redis.time()
    after = clock()
    told = (int(seconds) * 1_000_000 + int(microseconds)) * 1000
    return Offset(told + TICK_NS / 2 - (before + after) / 2, (after - before + TICK_NS) / 2)
