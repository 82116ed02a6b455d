"""The interval of a median: exact by the binomial distribution where it does not interpolate, else about exact."""

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from common.stats.intervals.median_interval import MIN_SAMPLES, interval

samples = st.lists(st.floats(-1e6, 1e6), min_size=MIN_SAMPLES, max_size=40)


@pytest.mark.parametrize("n", [6, 9, 20])
@pytest.mark.parametrize("rank", [1, 2])
def test_the_bounds_are_samples_where_the_binomial_distribution_gives_their_confidence(n: int, rank: int) -> None:
    exact = 1 - 2 * binom.cdf(rank - 1, n, 0.5)
    assert interval(range(n), exact - 1e-12) == pytest.approx((rank - 1, n - rank), abs=1e-6)


@pytest.mark.parametrize("draw", ["normal", "lognormal", "standard_cauchy", "exponential"])
@pytest.mark.parametrize("n", [6, 7, 8, 13, 20])
def test_the_median_is_inside_as_often_as_it_says(draw: str, n: int) -> None:
    rng = np.random.default_rng(4)
    truth = {"normal": 0, "lognormal": 1, "standard_cauchy": 0, "exponential": np.log(2)}[draw]
    bounds = [interval(row.tolist()) for row in getattr(rng, draw)(size=(4000, n))]
    covered = np.mean([found is not None and found[0] <= truth <= found[1] for found in bounds])
    assert 0.93 <= covered <= 0.975


def test_five_samples_have_no_interval() -> None:
    assert interval(range(5)) is None


def test_a_confidence_that_the_extremes_do_not_reach_has_no_interval() -> None:
    assert interval(range(6), 0.98) is None


@given(samples, st.floats(0.5, 2), st.floats(-100, 100))
def test_scale_and_shift_carry_over(values: list[float], scale: float, shift: float) -> None:
    found, moved = interval(values), interval([scale * value + shift for value in values])
    assert found is not None
    assert moved == pytest.approx([scale * bound + shift for bound in found], rel=1e-9, abs=1e-6)


@given(samples, st.randoms())
def test_order_does_not_matter(values: list[float], random: Random) -> None:
    shuffled = list(values)
    random.shuffle(shuffled)
    assert interval(shuffled) == interval(values)
