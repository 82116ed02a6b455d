"""Many differences at once, against scipy, and with levels of their own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control

from common.stats.comparing.false_discoveries import clear


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_it_agrees_with_scipy(p_values: list[float]) -> None:
    level = 0.05
    adjusted = false_discovery_control(p_values)
    expected = [bool(value <= level) for value in adjusted]
    near = any(abs(value - level) < 1e-9 for value in adjusted)
    assert near or clear([p / level for p in p_values]) == expected


@pytest.mark.parametrize(
    ("doubts", "expected"),
    [
        ([], []),
        ([1.0], [True]),
        ([1.1], [False]),
        ([0.9, 5.0], [False, False]),  # clear by itself, and not among two
        ([0.9, 0.9], [True, True]),
        ([0.0, 3.0, 0.6, 20.0], [True, False, False, False]),
        ([0.0, 3.0, 0.5, 20.0], [True, False, True, False]),
    ],
)
def test_more_differences_need_clearer_ones(doubts: list[float], expected: list[bool]) -> None:
    assert clear(doubts) == expected
