"""How long tests and runs took, counted in Redis by the workers as they end, so that nobody has to search the database.

A hash of tests, and one of runs: `LABELS BOUND` holds how many took at most BOUND seconds and more than the bound
before, `LABELS sum` their seconds. The labels of a test are its type and status, that of a run its type.
"""

from bisect import bisect_left
from dataclasses import dataclass, field
from typing import cast

from redis import Redis

from common.messaging.redis import RUN_DURATIONS, TEST_DURATIONS
from common.store.tables import Test

BOUNDS = ("0.1", "0.5", "1", "5", "15", "30", "60", "120", "300", "600", "1200", "3600", "+Inf")
"""Seconds, as Prometheus writes them."""


@dataclass
class Durations:
    """Of those with the same labels: their seconds together, and how many took at most each of BOUNDS and more than the
    one before.
    """

    seconds: float = 0.0
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(BOUNDS, 0))


def add_test(redis: Redis, test: Test) -> None:
    """Count a test that has ended; one that never began took no time and is not counted."""
    if test.started_at is not None and test.finished_at is not None:
        seconds = max(0.0, (test.finished_at - test.started_at).total_seconds())
        _add(redis, TEST_DURATIONS, f"{test.test_type} {test.status}", seconds)


def add_run(redis: Redis, test_type: str, seconds: float) -> None:
    """Count a run that was measured and kept."""
    _add(redis, RUN_DURATIONS, test_type, seconds)


def _add(redis: Redis, key: str, labels: str, seconds: float) -> None:
    bound = BOUNDS[bisect_left([float(bound) for bound in BOUNDS], seconds)]
    pipeline = redis.pipeline()
    pipeline.hincrby(key, f"{labels} {bound}", 1)
    pipeline.hincrbyfloat(key, f"{labels} sum", seconds)
    pipeline.execute()


def of_tests(redis: Redis) -> dict[tuple[str, ...], Durations]:
    """What was counted, by test type and status."""
    return _counted(redis, TEST_DURATIONS)


def of_runs(redis: Redis) -> dict[tuple[str, ...], Durations]:
    """What was counted, by test type."""
    return _counted(redis, RUN_DURATIONS)


def _counted(redis: Redis, key: str) -> dict[tuple[str, ...], Durations]:
    found: dict[tuple[str, ...], Durations] = {}
    for name, value in cast("dict[bytes, bytes]", redis.hgetall(key)).items():
        *labels, bound = name.decode().split(" ")
        durations = found.setdefault(tuple(labels), Durations())
        if bound == "sum":
            durations.seconds = float(value)
        elif bound in durations.counts:
            durations.counts[bound] = int(value)
    return found
