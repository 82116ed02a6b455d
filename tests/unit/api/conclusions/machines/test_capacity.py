"""How many users a model serves, from the points of a test with many users."""

from datetime import datetime
from typing import Any, cast

import pytest

from api.conclusions.machines.capacity import SEARCH, STEPS, of_result
from common.stats.distribution import Distribution
from common.store.earlier.newest.loads import LoadPoint, LoadResult
from common.store.earlier.newest.newest import NewestTest, StoredResult

AT = datetime(2026, 3, 1)  # noqa: DTZ001 - as the database keeps times


def distribution(value: float, p95: float | None) -> Distribution:
    return cast("Distribution", {"value": value, "p95": p95, "n": 60, "unit": ""})


def point(users: int, wait: float, rate: float, p95: float | None = None) -> LoadPoint:
    gap = distribution(1000 / rate, None)
    values = {"timeToFirstToken": distribution(wait, p95), "interChunkLatency": gap}
    return LoadPoint(users, {**values, "decodeTokensPerSecond": distribution(rate, None)})


@pytest.mark.parametrize(
    ("test_type", "points", "capacity", "users", "sentence"),
    [
        (
            STEPS,
            [point(1, 50, 40), point(4, 90, 20, 300), point(8, 400, 19, 1500)],
            None,
            4,
            (
                "m:1 serves 4 users well: each gets 20.0 tok/s, 19 of 20 first tokens within 300 ms. "
                "With 8: each gets 19.0 tok/s, 19 of 20 first tokens within 1.50 s."
            ),
        ),
        (
            STEPS,
            [point(2, 50, 40)],
            None,
            2,
            (
                "m:1 serves 2 users well: each gets 40.0 tok/s, half of the first tokens within 50.0 ms. "
                "No more were measured."
            ),
        ),
        (
            STEPS,
            [point(1, 50, 5)],
            None,
            None,
            "m:1 serves nobody well: 1 user gets 5.00 tok/s, half of the first tokens within 50.0 ms.",
        ),
        (
            SEARCH,
            [point(4, 50, 30), point(8, 900, 12)],
            6,
            6,
            (
                "m:1 serves 6 users well: each gets 30.0 tok/s, half of the first tokens within 50.0 ms. "
                "With 8: each gets 12.0 tok/s, half of the first tokens within 900 ms."
            ),
        ),
    ],
)
def test_the_largest_number_of_users_whose_answers_are_good(
    test_type: str, points: list[LoadPoint], capacity: int | None, users: int | None, sentence: str
) -> None:
    test = NewestTest(1, "s", "m:1", "local", AT, {})
    result = StoredResult(test, {}, None, None, "clean", None)
    found = of_result(test_type, result, LoadResult(points, None, capacity))
    assert (found.users, found.sentence) == (users, sentence)


@pytest.mark.parametrize(("options", "users"), [({}, None), ({"ttftObjective": 2000}, 4)])
def test_a_search_has_objectives_of_its_own(options: dict[str, Any], users: int | None) -> None:
    result = StoredResult(NewestTest(1, "s", "m:1", "local", AT, options), {}, None, None, None, None)
    found = of_result(SEARCH, result, LoadResult([point(4, 1500, 30)], None, users))
    assert found.objectives.wait == options.get("ttftObjective", 1000)
    assert found.users == users
