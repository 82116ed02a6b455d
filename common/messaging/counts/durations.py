"""Histograms of the durations of tests and runs, which workers count in Redis so that the database is not searched.

There is one hash for tests and one for runs. Field `LABELS BOUND` counts those that took at most BOUND seconds and more
than the previous bound. Field `LABELS sum` is their total in seconds. A test's labels are its type and status, a run's
label is its type.
"""

from bisect import bisect_left
from dataclasses import dataclass, field
from typing import cast

from redis import Redis

from common.messaging.redis import RUN_DURATIONS, TEST_DURATIONS
from common.store.tables import Test

BOUNDS = ("0.1", "0.5", "1", "5", "15", "30", "60", "120", "300", "600", "1200", "3600", "+Inf")
"""Upper bounds in seconds, in Prometheus's notation."""


@dataclass
class Durations:
    """The histogram of one set of labels: the total in seconds, and the count of each bucket of BOUNDS."""

    seconds: float = 0.0
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(BOUNDS, 0))


def add_test(redis: Redis, test: Test) -> None:
    """Count a test that has ended. A test that never began is not counted."""
    if test.started_at is not None and test.finished_at is not None:
        seconds = max(0.0, (test.finished_at - test.started_at).total_seconds())
        _add(redis, TEST_DURATIONS, f"{test.test_type} {test.status}", seconds)


def add_run(redis: Redis, test_type: str, seconds: float) -> None:
    """Count a run that was measured and stored."""
    _add(redis, RUN_DURATIONS, test_type, seconds)


def _add(redis: Redis, key: str, labels: str, seconds: float) -> None:
    bound = BOUNDS[bisect_left([float(bound) for bound in BOUNDS], seconds)]
    pipeline = redis.pipeline()
    pipeline.hincrby(key, f"{labels} {bound}", 1)
    pipeline.hincrbyfloat(key, f"{labels} sum", seconds)
    pipeline.execute()


def test_durations(redis: Redis) -> dict[tuple[str, ...], Durations]:
    """Return the histograms of tests by type and status."""
    return _histograms(redis, TEST_DURATIONS)


def run_durations(redis: Redis) -> dict[tuple[str, ...], Durations]:
    """Return the histograms of runs by test type."""
    return _histograms(redis, RUN_DURATIONS)


def _histograms(redis: Redis, key: str) -> dict[tuple[str, ...], Durations]:
    found: dict[tuple[str, ...], Durations] = {}
    for name, value in cast("dict[bytes, bytes]", redis.hgetall(key)).items():
        *labels, bound = name.decode().split(" ")
        durations = found.setdefault(tuple(labels), Durations())
        if bound == "sum":
            durations.seconds = float(value)
        elif bound in durations.counts:
            durations.counts[bound] = int(value)
    return found
