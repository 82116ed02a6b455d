"""Differences between sessions: invariances, and what few or unlike sessions give.

`bench/conclusions` prints error rates.
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.stats.comparing import between_sessions
from common.stats.comparing.comparison import Difference
from common.stats.comparing.session_spread import SessionMedian, Spread, spread
from common.stats.intervals.median_interval import MIN_SAMPLES

UNCHANGED = (100.0, 101.0, 99.0, 100.5, 99.5)

levels = st.floats(50, 200)
histories = st.lists(st.lists(levels, min_size=2, max_size=6), min_size=2, max_size=3)
quick = settings(max_examples=60)


def session(value: float, *, noise: float = 0.01, runs: int = 8) -> SessionMedian:
    """Return the median of a session whose interval reaches `noise`, a share, to both sides."""
    return SessionMedian(value, runs, (value * (1 - noise), value * (1 + noise)) if runs >= MIN_SAMPLES else None)


def spread_of(*groups: list[float] | tuple[float, ...], relative: bool = True) -> Spread:
    found = spread([[session(value) for value in group] for group in groups], relative=relative)
    assert found is not None
    return found


def bounds(found: Difference) -> tuple[float, float]:
    assert found.interval is not None
    return found.interval


@given(levels, levels, histories)
@quick
def test_swapping_inverts_a_ratio(one: float, other: float, groups: list[list[float]]) -> None:
    spreads = [spread_of(*groups)]
    found = between_sessions.difference(session(one), session(other), spreads)
    back = between_sessions.difference(session(other), session(one), spreads)
    low, high = bounds(found)
    assert [1 + bound / 100 for bound in bounds(back)] == pytest.approx([1 / (1 + high / 100), 1 / (1 + low / 100)])
    assert back.p == pytest.approx(found.p)
    assert back.detectable == pytest.approx(found.detectable)


@given(levels, levels, histories, st.sampled_from([0.001, 2.0, 1000.0]))
@quick
def test_a_ratio_does_not_depend_on_the_unit(
    one: float, other: float, groups: list[list[float]], factor: float
) -> None:
    found = between_sessions.difference(session(one), session(other), [spread_of(*groups)])
    larger = [[value * factor for value in group] for group in groups]
    scaled = between_sessions.difference(session(one * factor), session(other * factor), [spread_of(*larger)])
    assert scaled.change == pytest.approx(found.change, abs=1e-9)
    assert scaled.interval == pytest.approx(bounds(found))


@given(levels, levels, histories)
@quick
def test_the_interval_leaves_out_0_if_p_is_below_the_level(one: float, other: float, groups: list[list[float]]) -> None:
    found = between_sessions.difference(session(one), session(other), [spread_of(*groups)])
    low, high = bounds(found)
    assert found.p is not None
    assert (low > 0 or high < 0) == (found.p < found.level)


@pytest.mark.parametrize(
    ("groups", "freedom"),
    [
        ([], None),
        ([UNCHANGED[:2]], None),
        ([UNCHANGED[:1], UNCHANGED[:1]], None),
        ([UNCHANGED[:3]], 2),
        ([UNCHANGED[:2], UNCHANGED[2:4]], 2),
        ([UNCHANGED, UNCHANGED[:1]], 4),
    ],
)
def test_the_spread_needs_unchanged_sessions(groups: list[tuple[float, ...]], freedom: int | None) -> None:
    found = spread([[session(value) for value in group] for group in groups], relative=True)
    assert (found and found.freedom) == freedom


def test_groups_at_other_levels_add_nothing_to_the_spread() -> None:
    apart = spread_of(UNCHANGED, [value * 2 for value in UNCHANGED])
    assert apart.deviation == pytest.approx(spread_of(UNCHANGED).deviation)


def test_equal_sessions_are_taken_to_differ_a_little() -> None:
    assert spread_of([100.0] * 3).deviation == pytest.approx(0.001)
    assert spread_of([0.0, 50.0, 0.0, 50.0], [50.0] * 2, relative=False).deviation > 1
    assert spread_of([50.0] * 3, relative=False).deviation == pytest.approx(0.05)
    assert spread([[session(0.0)] * 3], relative=False) is None  # nothing says how far apart others would be


@pytest.mark.parametrize(
    ("noisy", "wider"),
    [
        (session(100), False),
        (session(100, noise=0.0001), False),  # less noise within does not make the spread between sessions smaller
        (session(100, noise=0.1), True),
        (session(100, runs=3), True),  # the noise of three runs is known from the unchanged sessions
    ],
)
def test_noisier_sessions_have_wider_intervals(noisy: SessionMedian, wider: bool) -> None:  # noqa: FBT001 - a case
    known = between_sessions.difference(session(100), session(100), [spread_of(UNCHANGED)])
    found = between_sessions.difference(noisy, noisy, [spread_of(UNCHANGED)])
    assert (bounds(found)[1] > 1.05 * bounds(known)[1]) == wider


def test_two_spreads_weigh_by_what_is_known_of_them() -> None:
    wide, narrow = spread_of([90.0, 100.0, 110.0]), spread_of([99.9, 100.0, 100.1, 100.0, 99.9, 100.1])
    both = between_sessions.difference(session(100), session(100), [narrow, wide])
    back = between_sessions.difference(session(100), session(100), [wide, narrow])
    assert both.interval == pytest.approx(bounds(back))
    once = between_sessions.difference(session(100), session(100), [wide])
    assert (
        bounds(narrow_found := between_sessions.difference(session(100), session(100), [narrow]))[1] < bounds(both)[1]
    )
    assert bounds(both)[1] < bounds(once)[1]
    assert narrow_found.detectable == pytest.approx(between_sessions.detectable([narrow]))
