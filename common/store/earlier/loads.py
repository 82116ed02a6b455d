"""What tests with many users found for each number of users."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from common.stats.distribution import Distribution
from common.store.earlier.newest import NewestTest
from common.store.fields import known, part
from common.store.tables import Result

USERS = "users"
METRICS = ("timeToFirstToken", "interChunkLatency", "decodeTokensPerSecond", "energyPerToken")
MAX_KEPT = 1000
"""Results that are kept in memory. They do not change any more."""


@dataclass(frozen=True)
class LoadPoint:
    """A number of users, and the distributions of METRICS over all their answers, as far as they are known."""

    users: int
    statistics: Mapping[str, Distribution]


_kept: dict[tuple[str, int], Sequence[LoadPoint]] = {}
"""By session and test."""


def load_points(tests: Sequence[NewestTest]) -> dict[int, Sequence[LoadPoint]]:
    """Return the points with a number of users, the smallest first, by the id of each of these tests."""
    if len(_kept) + len(tests) > MAX_KEPT:
        _kept.clear()
    new = {test.id: (test.session_id, test.id) for test in tests if (test.session_id, test.id) not in _kept}
    if new:
        query = Result.select(Result.test, part(Result.details, "points")).where(Result.test.in_(list(new)))
        rows = cast("Iterable[tuple[int, Any]]", query.tuples())
        _kept.update({new[test]: _points(points) for test, points in rows})
    return {test.id: _kept[test.session_id, test.id] for test in tests if (test.session_id, test.id) in _kept}


def _points(stored: object) -> list[LoadPoint]:
    found = [known(each) for each in stored] if isinstance(stored, list) else []
    points = [(known(each.get("point")).get(USERS), known(each.get("statistics"))) for each in found]
    counted = [LoadPoint(users, _statistics(values)) for users, values in points if isinstance(users, int)]
    return sorted(counted, key=lambda point: point.users)


def _statistics(values: Mapping[str, Any]) -> dict[str, Distribution]:
    return {name: cast("Distribution", values[name]) for name in METRICS if known(values.get(name))}
