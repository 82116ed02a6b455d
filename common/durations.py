"""How long tests took, counted in Redis by the workers as they end, so that nobody has to search the database for it.

A hash: `TYPE STATUS BOUND` holds how many took at most BOUND seconds and more than the bound before; `TYPE STATUS sum`
holds their seconds.
"""

from bisect import bisect_left
from dataclasses import dataclass, field
from typing import cast

from redis import Redis

from common.models import Test
from common.redis import DURATIONS

BOUNDS = ("1", "5", "15", "30", "60", "120", "300", "600", "1200", "3600", "+Inf")
"""Seconds, as Prometheus writes them."""


@dataclass
class Durations:
    """Tests of one type that ended alike: their seconds together, and how many took at most each of BOUNDS and more
    than the one before.
    """

    seconds: float = 0.0
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(BOUNDS, 0))


def add(redis: Redis, test: Test) -> None:
    """Count a test that has ended; one that never began took no time and is not counted."""
    if test.started_at is None or test.finished_at is None:
        return
    seconds = max(0.0, (test.finished_at - test.started_at).total_seconds())
    bound = BOUNDS[bisect_left([float(bound) for bound in BOUNDS], seconds)]
    pipeline = redis.pipeline()
    pipeline.hincrby(DURATIONS, f"{test.test_type} {test.status} {bound}", 1)
    pipeline.hincrbyfloat(DURATIONS, f"{test.test_type} {test.status} sum", seconds)
    pipeline.execute()


def counted(redis: Redis) -> dict[tuple[str, str], Durations]:
    """What was counted, by test type and status."""
    found: dict[tuple[str, str], Durations] = {}
    for name, value in cast("dict[bytes, bytes]", redis.hgetall(DURATIONS)).items():
        test_type, status, bound = name.decode().split(" ")
        durations = found.setdefault((test_type, status), Durations())
        if bound == "sum":
            durations.seconds = float(value)
        elif bound in durations.counts:
            durations.counts[bound] = int(value)
    return found
