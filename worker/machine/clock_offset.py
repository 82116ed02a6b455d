"""Offset between this machine's CLOCK_REALTIME, which stamps requests, and the clock of the Redis server.

Readings are stamped by the Redis server. It is asked for its TIME several times. It reads its clock between question
and answer, so the middle of the quickest round trip is wrong by at most half of that trip. This holds however long
each direction took (Cristian, Probabilistic Clock Synchronization, 1989).
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from redis import Redis

from common.values.units import NS_PER_MS

ROUNDS = 5
"""Round trips per measurement, so that at least one is not delayed by either side."""
TICK_NS = 1000
"""Resolution of TIME. It truncates to whole microseconds, so the server's clock is up to one tick ahead of it."""


@dataclass(frozen=True)
class Offset:
    """Redis's clock is `ahead_ns` ahead of this machine's, to within `bound_ns` either way."""

    ahead_ns: float
    bound_ns: float

    def at(self, stamp_ns: float) -> float:
        """Return a time stamp of this machine's CLOCK_REALTIME in milliseconds of Redis's clock."""
        return (stamp_ns + self.ahead_ns) / NS_PER_MS

    @property
    def bound(self) -> float:
        """The bound in milliseconds."""
        return self.bound_ns / NS_PER_MS

    def combine(self, other: Self) -> Self:
        """Return the offset that covers both, and the time between them if the clocks drift in one direction."""
        low = min(self.ahead_ns - self.bound_ns, other.ahead_ns - other.bound_ns)
        high = max(self.ahead_ns + self.bound_ns, other.ahead_ns + other.bound_ns)
        return type(self)((low + high) / 2, (high - low) / 2)


def measure(redis: Redis, clock: Callable[[], int] = time.time_ns) -> Offset:
    """Measure the offset by the quickest of several round trips.

    It takes about a millisecond, so it must not run while a run is measured.
    """
    return min((_round_trip(redis, clock) for _ in range(ROUNDS)), key=lambda found: found.bound_ns)


def _round_trip(redis: Redis, clock: Callable[[], int]) -> Offset:
    before = clock()
    seconds, microseconds = redis.time()
    after = clock()
    server_ns = (int(seconds) * 1_000_000 + int(microseconds)) * 1000
    return Offset(server_ns + TICK_NS / 2 - (before + after) / 2, (after - before + TICK_NS) / 2)
