"""Properties of the statistics for all samples."""

import statistics as known
from collections.abc import Sequence
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.stats import outliers
from common.stats import summary as statistics

MAX_VALUE = 1e6
ROUNDING = 1e-12 * MAX_VALUE
"""The rounding error of sums and of interpolated percentiles."""

numbers = st.floats(-MAX_VALUE, MAX_VALUE, allow_subnormal=False)
whole = st.integers(-1000, 1000).map(float)
"""Their sums and products are exact, and so are comparisons with thresholds."""
units = st.sampled_from([2.0, 3.0, 60.0, 1000.0])


def some(values: st.SearchStrategy[float], min_size: int = 1, max_size: int = 12) -> st.SearchStrategy[list[float]]:
    return st.lists(values, min_size=min_size, max_size=max_size)


def summary(samples: Sequence[float]) -> Any:
    return statistics.summarise(samples, "ms")


def interval(samples: Sequence[float]) -> tuple[float, float]:
    found = statistics.interval(samples)
    assert found is not None
    low, high = found
    assert low is not None
    assert high is not None
    return low, high


# Order

OF_THE_ORDER = {"outliers", "first", "drift"}


@given(some(numbers, 3), st.randoms(use_true_random=False))
def test_the_order_of_the_samples_affects_only_some_statistics(samples: list[float], random: Random) -> None:
    shuffled = random.sample(samples, len(samples))
    one, other = summary(samples), summary(shuffled)
    assert {name for name in one if one[name] != other[name]} <= OF_THE_ORDER
    assert sorted(samples[i] for i in one["outliers"]) == sorted(shuffled[i] for i in other["outliers"])


def test_statistics_of_the_order_differ_between_orders() -> None:
    rising, falling = summary([1, 2, 3, 4, 5, 50]), summary([50, 5, 4, 3, 2, 1])
    assert {name for name in rising if rising[name] != falling[name]} == OF_THE_ORDER


# The interval


@given(some(numbers, 6))
def test_an_interval_contains_the_median_and_lies_within_the_samples(samples: list[float]) -> None:
    low, high = interval(samples)
    assert low - ROUNDING <= summary(samples)["median"] <= high + ROUNDING
    assert min(samples) - ROUNDING <= low <= high <= max(samples) + ROUNDING


# Units


@given(some(numbers, 6), units)
def test_statistics_scale_with_the_unit(samples: list[float], unit: float) -> None:
    one, other = summary(samples), summary([sample * unit for sample in samples])
    for name in ("value", "median", "mad", "mean", "sd", "min", "max", "ci95"):
        scaled = [unit * bound for bound in one[name]] if name == "ci95" else unit * one[name]
        assert other[name] == pytest.approx(scaled, abs=ROUNDING * unit)


@given(some(numbers, 6), st.integers(-1000, 1000))
def test_a_constant_added_to_all_moves_the_middle_but_not_the_spread(samples: list[float], added: int) -> None:
    one, other = summary(samples), summary([sample + added for sample in samples])
    for name in ("median", "mean", "min", "max"):
        assert other[name] == pytest.approx(one[name] + added, abs=ROUNDING)
    assert other["ci95"] == pytest.approx([bound + added for bound in one["ci95"]], abs=ROUNDING)
    for name in ("mad", "sd"):
        assert other[name] == pytest.approx(one[name], abs=ROUNDING)


# Outliers


@given(some(numbers))
def test_the_median_and_half_the_samples_are_never_outliers(samples: list[float]) -> None:
    found, median = outliers.outliers(samples), known.median(samples)
    assert median not in [samples[i] for i in found]
    assert 2 * len(found) <= len(samples)


# Equal samples


@given(numbers, st.integers(1, 30))
def test_equal_samples_have_no_spread_no_outliers_and_no_drift(sample: float, count: int) -> None:
    found = summary([sample] * count)
    assert {found[name] for name in ("value", "median", "min", "max")} == {sample}
    assert found["mean"] == pytest.approx(sample, abs=ROUNDING)
    assert found["mad"] == 0
    assert found["sd"] in (None, 0)
    assert found["ci95"] in (None, [sample, sample])
    assert (found["outliers"], found["first"]["outlier"]) == ([], False if count > 3 else None)
    assert found["drift"] is None or (found["drift"]["slope"], found["drift"]["ci95"]) == (0, [0, 0])


# Numbers of samples


def known_statistics(samples: Sequence[float]) -> set[str]:
    found = summary(samples)
    names = {name for name in ("sd", "ci95", "drift", "p95", "p99") if found[name] is not None}
    return names | ({"first"} if found["first"]["outlier"] is not None else set())


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 6, 7, 58, 59, 60, 298, 299, 300])
def test_each_statistic_needs_its_number_of_samples(count: int) -> None:
    needs = {"sd": 2, "ci95": 6, "first": 4, "drift": 6, "p95": 59, "p99": 299}
    assert known_statistics(range(count)) == {name for name, minimum in needs.items() if count >= minimum}
