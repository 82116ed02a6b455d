"""Results of tests with many users, for each number of users."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from common.stats.distribution import Distribution
from common.store.earlier.kept_values import Kept
from common.store.earlier.newest.keys import Key
from common.store.earlier.newest.newest import NewestTest, of_tests
from common.store.fields import known, part
from common.store.tables import Result

USERS, SLOTS, CAPACITY = "users", "parallelSlots", "capacityUsers"
METRICS = ("timeToFirstToken", "interChunkLatency", "decodeTokensPerSecond", "energyPerToken")
MAX_KEPT = 1000
"""Results that are kept in memory."""


@dataclass(frozen=True)
class LoadPoint:
    """A number of users, and the distributions of METRICS over all their answers, as far as they are known."""

    users: int
    statistics: Mapping[str, Distribution]


@dataclass(frozen=True)
class LoadResult:
    """The points with a number of users, the smallest first.

    The server wrote `slots` answers at once. `capacity` is the number of users that a search found. None is unknown.
    """

    points: Sequence[LoadPoint]
    slots: int | None
    capacity: int | None


_kept: Kept[Key, LoadResult] = Kept(MAX_KEPT)


def load_results(tests: Sequence[NewestTest]) -> dict[int, LoadResult]:
    """Return what was found, by the id of each of these tests that has a result."""
    return of_tests(tests, _kept, _read)


def _read(tests: Sequence[int]) -> Iterator[tuple[int, LoadResult]]:
    columns = (part(Result.details, "points"), part(Result.metrics, SLOTS), part(Result.metrics, CAPACITY))
    query = Result.select(Result.test, *columns).where(Result.test.in_(tests))
    for test, points, slots, capacity in cast("Iterable[tuple[Any, ...]]", query.tuples()):
        yield test, LoadResult(_points(points), _count(slots), _count(capacity))


def _count(value: object) -> int | None:
    return round(value) if isinstance(value, int | float) else None


def _points(stored: object) -> list[LoadPoint]:
    found = [known(each) for each in stored] if isinstance(stored, list) else []
    points = [(known(each.get("point")).get(USERS), known(each.get("statistics"))) for each in found]
    counted = [LoadPoint(users, _statistics(values)) for users, values in points if isinstance(users, int)]
    return sorted(counted, key=lambda point: point.users)


def _statistics(values: Mapping[str, Any]) -> dict[str, Distribution]:
    return {name: cast("Distribution", values[name]) for name in METRICS if known(values.get(name))}
