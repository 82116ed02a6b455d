"""Differences of independent samples: properties for all samples, and what too few runs give."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.stats.comparing.comparison import Better, Difference, Outcome
from common.stats.comparing.independent import difference

STEADY = (99.0, 100.0, 101.0, 100.5, 99.5, 100.2)

positive = st.lists(st.floats(1, 1000), min_size=6, max_size=20)
anything = st.lists(st.integers(-1000, 1000).map(float), min_size=6, max_size=20)
quick = settings(max_examples=60)


def bounds(found: Difference) -> tuple[float, float]:
    assert found.interval is not None
    return found.interval


@given(positive, positive, st.randoms(use_true_random=False))
@quick
def test_the_order_of_the_runs_does_not_matter(one: list[float], other: list[float], random: Random) -> None:
    shuffled = random.sample(one, len(one)), random.sample(other, len(other))
    assert difference(*shuffled, "ms") == difference(one, other, "ms")


@given(positive, positive)
@quick
def test_swapped_samples_give_the_inverse(one: list[float], other: list[float]) -> None:
    found, back = difference(one, other, "ms"), difference(other, one, "ms")
    low, high = bounds(found)
    assert [1 + bound / 100 for bound in bounds(back)] == pytest.approx([1 / (1 + high / 100), 1 / (1 + low / 100)])
    assert back.p == pytest.approx(found.p)


@given(anything, anything)
@quick
def test_swapped_shares_give_the_negative(one: list[float], other: list[float]) -> None:
    (low, high), back = bounds(difference(one, other, "%")), bounds(difference(other, one, "%"))
    assert back == pytest.approx((-high, -low))


@given(positive, positive, st.sampled_from([2.0, 1000.0]))
@quick
def test_a_relative_difference_does_not_depend_on_the_unit(one: list[float], other: list[float], factor: float) -> None:
    scaled = difference([value * factor for value in one], [value * factor for value in other], "ms")
    plain = difference(one, other, "ms")
    assert scaled.change == pytest.approx(plain.change)
    assert bounds(scaled) == pytest.approx(bounds(plain))


@pytest.mark.parametrize(
    ("one", "other", "unit", "expected"),
    [
        (STEADY, STEADY[:5], "ms", Difference(-0.1, None, relative=True)),
        ((100.0,) * 6, (90.0,) * 6, "ms", Difference(-10, (-10, -10), relative=True, p=0, detectable=0)),
        ((100.0,) * 6, (90.0,) * 6, "%", Difference(-10, (-10, -10), relative=False, p=0, detectable=0)),
        ((0.0,) * 6, (4.0,) * 6, "requests", Difference(4, (4, 4), relative=False, p=0, detectable=0)),
        ((0.0,) * 6, (0.0,) * 6, "ms", Difference(0, (0, 0), relative=False, p=1, detectable=0)),
    ],
)
def test_differences_of_certain_samples(
    one: tuple[float, ...], other: tuple[float, ...], unit: str, expected: Difference
) -> None:
    found = difference(one, other, unit)
    assert found.change == pytest.approx(expected.change, abs=0.01)
    assert (found.relative, found.p, found.detectable) == (expected.relative, expected.p, expected.detectable)
    assert found.interval == (expected.interval and pytest.approx(expected.interval))


@pytest.mark.parametrize(
    ("factor", "better", "outcome"),
    [
        (1.1, "higher", Outcome.BETTER),
        (1.1, "lower", Outcome.WORSE),
        (1.1, "neither", Outcome.DIFFERENT),
        (0.9, "lower", Outcome.BETTER),
        (1.001, "higher", Outcome.UNCLEAR),
    ],
)
def test_the_outcome_depends_on_the_better_direction(factor: float, better: Better, outcome: Outcome) -> None:
    assert difference(STEADY, [value * factor for value in STEADY], "ms").outcome(better) == outcome
