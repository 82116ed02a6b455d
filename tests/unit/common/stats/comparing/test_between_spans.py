"""Differences of two spans of time, each session being one value."""

import pytest

from common.stats.comparing.between_spans import MIN_SESSIONS, centre, difference
from common.stats.comparing.comparison import Outcome

WEEK = [100.0, 101.0, 99.0, 100.5, 99.5]


@pytest.mark.parametrize(
    ("factor", "outcome"),
    [(0.9, Outcome.BETTER), (1.1, Outcome.WORSE), (1.0, Outcome.UNCLEAR), (1.004, Outcome.UNCLEAR)],
)
def test_a_change_is_clear_if_it_exceeds_the_spread_of_the_sessions(factor: float, outcome: Outcome) -> None:
    found = difference(WEEK, [factor * value for value in WEEK], "ms")
    assert found.interval is not None
    assert found.p is not None
    low, high = found.interval
    assert low < 100 * (factor - 1) < high
    assert found.outcome("lower") == outcome
    assert (found.p < found.level) == (outcome != Outcome.UNCLEAR)


def test_swapping_the_spans_inverts_the_change() -> None:
    slower = [1.1 * value for value in WEEK]
    one, other = difference(WEEK, slower, "ms"), difference(slower, WEEK, "ms")
    assert 1 + one.change / 100 == pytest.approx(1 / (1 + other.change / 100))
    assert one.p == pytest.approx(other.p)


def test_few_sessions_have_no_interval() -> None:
    assert difference(WEEK[:3], WEEK[: MIN_SESSIONS - 4], "ms").interval is None
    assert centre(WEEK, "ms")[1] is None
    value, bounds = centre([*WEEK, 100.2], "ms")
    assert bounds is not None
    assert bounds[0] < value < bounds[1]


def test_shares_change_by_points_and_one_odd_session_counts_no_more_than_in_a_history() -> None:
    assert difference([50.0] * 5, [60.0] * 5, "%").change == pytest.approx(10)
    odd = [*WEEK, *WEEK, 1000.0]
    assert abs(difference(odd, [*WEEK, *WEEK, 100.0], "ms").change) < 2
