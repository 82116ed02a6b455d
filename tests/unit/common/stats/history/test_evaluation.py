"""Histories of seeded nights with known steps and drifts, or none. bench.conclusions has their error rates."""

from collections.abc import Sequence
from itertools import pairwise
from math import isclose

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.stats.history.evaluation import MIN_SESSIONS, Evaluation, evaluate

UNIT = "tokens/s"
Rates = list[float]

NIGHTS = st.lists(st.integers(1, 40).map(float), min_size=MIN_SESSIONS, max_size=60)
"""Values with many ties, whose neighbours differ widely."""


def nights(*levels: tuple[int, float], seed: int = 1, spread: float = 0.01, rho: float = 0.0) -> Rates:
    """Return nights at levels of (number of nights, rate), autocorrelated."""
    rng = np.random.default_rng(seed)
    noise = rng.standard_normal(sum(count for count, _ in levels))
    for night in range(1, len(noise)):
        noise[night] = rho * noise[night - 1] + (1 - rho**2) ** 0.5 * noise[night]
    rates = np.concatenate([np.full(count, rate) for count, rate in levels])
    return [float(rate) for rate in rates * np.exp(spread * noise)]


def drifting(before: int, count: int, per_week: float, seed: int = 1) -> Rates:
    steady = nights((before + count, 100.0), seed=seed)
    return [rate * (1 + per_week / 7) ** max(night - before, 0) for night, rate in enumerate(steady)]


def steps(values: Sequence[float], unit: str = UNIT) -> list[int]:
    """Return the first sessions of new levels; a drift would fail the test."""
    found = evaluate(values, unit).changes
    assert not any(change.drifts for change in found)
    return [change.start for change in found]


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ([(30, 100), (3, 93)], [30]),
        ([(30, 100), (2, 80)], []),
        ([(8, 100), (3, 80)], [8]),
        ([(100, 400), (100, 380)], [100]),
        ([(30, 100), (3, 88), (30, 100)], [30, 33]),
        ([(30, 100), (6, 80), (6, 120), (6, 60)], [30, 36, 42]),
        ([(30, 100), (200, 97)], [30]),
    ],
)
def test_known_steps_are_found_at_their_first_sessions(levels: list[tuple[int, float]], expected: list[int]) -> None:
    for seed in range(5):
        found = steps(nights(*levels, seed=seed))
        assert len(found) == len(expected), (seed, found)
        assert all(abs(at - known) <= 3 for at, known in zip(found, expected, strict=True)), (seed, found)


def test_a_step_has_its_size_and_later_sessions_make_it_more_precise() -> None:
    values = nights((30, 100), (30, 88))
    [early], [late] = (evaluate(values[:end], UNIT).changes for end in (33, 60))
    assert (early.start, early.seen) == (late.start, late.seen) == (30, 32)
    (low, high), (narrow_low, narrow_high) = (change.difference.interval or (0, 0) for change in (early, late))
    assert low < -12 < high
    assert narrow_low < -12 < narrow_high
    assert narrow_high - narrow_low < high - low < 5


def test_a_slow_drift_is_one_finding_with_its_size() -> None:
    for seed in range(5):
        found = evaluate(drifting(30, 42, -0.01, seed), UNIT)
        [drift, *_] = found.changes
        assert drift.drifts
        low, high = drift.difference.interval or (0, 0)
        truth = 100 * ((1 - 0.01 / 7) ** (drift.last - max(drift.start, 30)) - 1)
        assert low < truth < high, seed
        level = next(level for level in found.levels if level.drifts)
        assert level.values[0] > level.values[1]


def test_bad_nights_are_no_step() -> None:
    values = nights((60, 100))
    for night in (9, 25, 27, 40, 44):
        values[night] = 50.0
    assert evaluate(values, UNIT).changes == []


@pytest.mark.parametrize("rho", [0.0, 0.25, 0.5])
def test_noise_has_no_changes(rho: float) -> None:
    """At most 1 % of 20 sessions show one, and these are 1,200 sessions of a fixed seed."""
    found = [evaluate(nights((60, 100), seed=seed, rho=rho), UNIT).changes for seed in range(20)]
    assert sum(map(bool, found)) <= 1


@pytest.mark.parametrize("values", [[], [1.0], [100.0] * (MIN_SESSIONS - 1), [100.0] * 7 + [50.0] * 3])
def test_few_sessions_have_no_verdict(values: Rates) -> None:
    assert evaluate(values, UNIT) == Evaluation([], [], bool(values), None)


@pytest.mark.parametrize(
    ("values", "unit", "change"),
    [
        ([100.0] * 12 + [90.0] * 5, UNIT, -10.0),
        ([100.0] * 12 + [90.0] * 5, "%", -10.0),
        ([0.0] * 12 + [5.0] * 5, "bytes", 5.0),
        ([5e9] * 12 + [0.0] * 5, "bytes", -100.0),
    ],
)
def test_exact_values_step_exactly(values: Rates, unit: str, change: float) -> None:
    [step] = evaluate(values, unit).changes
    assert step.start == 12
    assert isclose(step.difference.change, change, rel_tol=1e-4)


def test_equal_values_have_no_change_and_a_least_detectable_one() -> None:
    found = evaluate([5.0] * 50, UNIT)
    assert found.changes == []
    assert found.detectable is not None
    assert 0.1 < found.detectable < 1


def test_a_planted_step_of_the_detectable_size_shows_in_most_cases() -> None:
    shown = 0
    for seed in range(50):
        before = nights((30, 100), seed=seed)
        detectable = evaluate(before, UNIT).detectable or 0
        after = nights((3, 100 / (1 + detectable / 100)), seed=1000 + seed)
        shown += bool(evaluate(before + after, UNIT).changes)
    assert shown >= 35


@given(NIGHTS, st.sampled_from([0.125, 2.0, 1024.0]))
@settings(max_examples=20, deadline=None)
def test_the_size_of_the_unit_does_not_matter(values: Rates, factor: float) -> None:
    once, scaled = (evaluate(each, "bytes") for each in (values, [factor * value for value in values]))
    assert [(change.start, change.drifts) for change in once.changes] == [
        (change.start, change.drifts) for change in scaled.changes
    ]


@given(NIGHTS)
@settings(max_examples=20, deadline=None)
def test_a_mirrored_history_has_the_mirrored_changes(values: Rates) -> None:
    upright, mirrored = (evaluate(each, "%") for each in (values, [-value for value in values]))
    assert [change.start for change in upright.changes] == [change.start for change in mirrored.changes]
    sizes = [change.difference.change for change in mirrored.changes]
    assert [-change.difference.change for change in upright.changes] == pytest.approx(sizes)


@given(NIGHTS)
@settings(max_examples=20, deadline=None)
def test_later_sessions_rewrite_no_change(values: Rates) -> None:
    whole = evaluate(values, UNIT).changes
    for end in range(MIN_SESSIONS, len(values), 5):
        known = [(change.start, change.last, change.seen) for change in evaluate(values[:end], UNIT).changes]
        assert known == [(change.start, change.last, change.seen) for change in whole if change.seen < end]


@given(NIGHTS)
@settings(max_examples=20, deadline=None)
def test_levels_cover_all_sessions_in_order(values: Rates) -> None:
    levels = evaluate(values, UNIT).levels
    assert (levels[0].start, levels[-1].end) == (0, len(values))
    assert all(before.end == after.start for before, after in pairwise(levels))
    assert all(
        low <= value <= high
        for level in levels
        for value, (low, high) in zip(level.values, level.intervals, strict=True)
    )
