"""The difference of two samples: properties for all samples, and error rates on samples of known origin."""

from collections.abc import Callable
from random import Random

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from common.stats.bootstrap import interval
from common.stats.comparison import Difference, Outcome, difference, enough

Draw = Callable[[np.random.Generator, int], np.ndarray]

positive = st.lists(st.floats(1, 1000), min_size=4, max_size=20)
anything = st.lists(st.integers(-1000, 1000).map(float), min_size=4, max_size=20)
quick = settings(max_examples=60)

NOISE: dict[str, Draw] = {
    "normal": lambda rng, n: 100 + 2 * rng.standard_normal(n),
    "skewed": lambda rng, n: 100 + 5 * rng.exponential(size=n),
    "with outliers": lambda rng, n: 100 + 2 * rng.standard_t(3, n),
}


def bounds(found: Difference) -> tuple[float, float]:
    assert found.interval is not None
    return found.interval


# Properties of all samples


@given(positive, positive, st.randoms(use_true_random=False))
@quick
def test_the_order_of_the_runs_does_not_matter(one: list[float], other: list[float], random: Random) -> None:
    shuffled = random.sample(one, len(one)), random.sample(other, len(other))
    assert difference(*shuffled, "ms") == difference(one, other, "ms")


@given(positive, positive)
@quick
def test_swapped_samples_give_the_inverse(one: list[float], other: list[float]) -> None:
    assume(sorted(one) != sorted(other))
    low, high = bounds(difference(one, other, "ms"))
    back_low, back_high = bounds(difference(other, one, "ms"))
    assert 1 + back_low / 100 == pytest.approx(1 / (1 + high / 100), rel=1e-6)
    assert 1 + back_high / 100 == pytest.approx(1 / (1 + low / 100), rel=1e-6)


@given(positive, positive, st.sampled_from([2.0, 1000.0]))
@quick
def test_a_relative_difference_does_not_depend_on_the_unit(one: list[float], other: list[float], factor: float) -> None:
    scaled = difference([value * factor for value in one], [value * factor for value in other], "ms")
    plain = difference(one, other, "ms")
    assert scaled.change == pytest.approx(plain.change)
    assert bounds(scaled) == pytest.approx(bounds(plain))


@given(anything, anything)
@quick
def test_an_interval_is_in_order_and_within_the_samples_range(one: list[float], other: list[float]) -> None:
    low, high = bounds(difference(one, other, "%"))
    assert min(other) - max(one) <= low <= high <= max(other) - min(one)


@given(positive)
@quick
def test_a_sample_does_not_differ_from_itself(sample: list[float]) -> None:
    found = difference(sample, sample, "ms")
    low, high = bounds(found)
    assert found.change == 0
    assert low <= 0 <= high
    assert found.outcome("lower") == found.outcome("neither") == Outcome.UNCLEAR


# Outcomes


@pytest.mark.parametrize(
    ("other", "better", "outcome"),
    [
        ((110, 111, 112, 113, 114), "higher", Outcome.BETTER),
        ((110, 111, 112, 113, 114), "lower", Outcome.WORSE),
        ((110, 111, 112, 113, 114), "neither", Outcome.DIFFERENT),
        ((90, 91, 92, 93, 94), "lower", Outcome.BETTER),
        ((99, 100, 101, 102, 104), "higher", Outcome.UNCLEAR),
    ],
)
def test_the_outcome_depends_on_the_better_direction(other: tuple[float, ...], better: str, outcome: Outcome) -> None:
    assert difference((99, 100, 101, 102, 103), other, "ms").outcome(better) == outcome  # type: ignore[arg-type]


def test_too_few_runs_give_a_change_without_an_interval() -> None:
    found = difference((100.0,), (150.0,), "ms")
    assert (found.change, found.interval, found.outcome("lower")) == (50, None, Outcome.TOO_FEW)
    assert difference((1, 2, 3), (11, 12, 13), "ms").outcome("lower") == Outcome.TOO_FEW
    assert [pair for pair in ((2, 9), (3, 3), (3, 4), (3, 5), (4, 4), (1, 39)) if enough(*pair)] == [
        (2, 9),
        (3, 5),
        (4, 4),
        (1, 39),
    ]


def test_runs_without_spread_differ_exactly() -> None:
    same = difference((100.0,) * 5, (100.0,) * 5, "%")
    assert (same.change, same.interval, same.outcome("higher")) == (0, (0, 0), Outcome.UNCLEAR)
    fallen = difference((100.0,) * 5, (90.0,) * 5, "%")
    assert (fallen.change, fallen.interval, fallen.outcome("higher")) == (-10, (-10, -10), Outcome.WORSE)


def test_changes_of_zero_and_of_shares_are_not_relative() -> None:
    from_zero = difference((0.0,) * 5, (4.0,) * 5, "requests")
    assert (from_zero.change, from_zero.relative, from_zero.outcome("lower")) == (4, False, Outcome.WORSE)
    below = difference((-1, 0, 1, 2, 3), (10, 11, 12, 13, 14), "ms")
    assert (below.change, below.relative) == (11, False)
    shares = difference((50.0,) * 5, (60.0,) * 5, "%")
    assert (shares.change, shares.relative) == (10, False)


def test_a_difference_can_be_clear_although_intervals_overlap() -> None:
    """Overlapping intervals are not the criterion, because it would be too strict."""
    one, other = [100.0 + i % 3 for i in range(21)], [101.5 + i % 3 for i in range(21)]
    (_, high), (low, _) = interval(one) or (0, 0), interval(other) or (0, 0)
    assert low < high
    assert difference(one, other, "ms").outcome("lower") == Outcome.WORSE


# Error rates


def outcomes(draw: Draw, n: int, factor: float, times: int) -> list[Outcome]:
    rng = np.random.default_rng(11)
    pairs = ((draw(rng, n).tolist(), (draw(rng, n) * factor).tolist()) for _ in range(times))
    return [difference(one, other, "ms").outcome("lower") for one, other in pairs]


@pytest.mark.parametrize("noise", NOISE)
@pytest.mark.parametrize("runs", [5, 10, 20])
def test_about_one_in_twenty_equal_models_seems_to_differ(noise: str, runs: int) -> None:
    found = outcomes(NOISE[noise], runs, 1, 1500)
    false_alarms = 1 - found.count(Outcome.UNCLEAR) / len(found)
    assert 0.01 < false_alarms < 0.065


@pytest.mark.parametrize("noise", NOISE)
def test_a_known_shift_is_found_in_the_right_direction(noise: str) -> None:
    found = outcomes(NOISE[noise], 10, 1.1, 300)
    assert found.count(Outcome.WORSE) / len(found) > 0.95
    assert Outcome.BETTER not in found


@pytest.mark.parametrize("noise", NOISE)
def test_the_interval_contains_the_true_change(noise: str) -> None:
    rng, factor = np.random.default_rng(17), 1.2
    contained = []
    for _ in range(1000):
        one, other = NOISE[noise](rng, 10), NOISE[noise](rng, 10) * factor
        low, high = bounds(difference(one.tolist(), other.tolist(), "ms"))
        contained.append(low <= 100 * (factor - 1) <= high)
    assert 0.935 < sum(contained) / len(contained) < 0.99
