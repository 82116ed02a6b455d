import statistics as known
from itertools import permutations
from statistics import StatisticsError
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.stats import summary, trend

numbers = st.floats(-1e6, 1e6, allow_subnormal=False)
few = st.lists(numbers, min_size=1, max_size=12)


def test_known_values() -> None:
    found = summary.summarise([1, 2, 3, 4, 100], "ms")
    assert (found["value"], found["median"], found["mad"], found["mean"]) == (3, 3, 1, 22)
    assert found["sd"] == pytest.approx(43.617657)
    assert (found["n"], found["unit"], found["min"], found["max"]) == (5, "ms", 1, 100)
    assert found["outliers"] == [4]
    assert (found["p95"], found["p99"]) == (None, None)


def test_percentiles_wait_for_enough_samples() -> None:
    assert summary.summarise(range(19), "ms")["p95"] is None
    assert summary.summarise(range(101), "ms")["p95"] == 95
    assert summary.summarise(range(99), "ms")["p99"] is None
    assert summary.summarise(range(101), "ms")["p99"] == 99


def test_statistics_that_need_more_samples_are_unknown() -> None:
    one = summary.summarise([7], "ms")
    assert (one["sd"], one["ci95"], one["mad"], one["outliers"]) == (None, None, 0, [])
    assert summary.summarise([7, 9], "ms")["ci95"] is None
    assert summary.relative_half_width([7, 9]) is None
    assert summary.relative_half_width([]) is None


def test_no_samples_have_no_summary() -> None:
    with pytest.raises(StatisticsError):
        summary.summarise([], "ms")


def test_equal_samples_are_known_exactly() -> None:
    assert summary.interval([5, 5, 5]) == [5, 5]
    assert summary.relative_half_width([5, 5, 5]) == 0


def test_a_median_of_zero_has_no_relative_width() -> None:
    assert summary.relative_half_width([-1, 0, 1]) is None


@given(few)
def test_a_summary_is_consistent(samples: list[float]) -> None:
    found = summary.summarise(samples, "ms")
    assert found["min"] <= found["median"] <= found["max"]
    assert found["median"] == known.median(samples)
    assert found["mad"] >= 0
    assert all(0 <= position < len(samples) for position in found["outliers"])
    if found["ci95"] is not None:
        low, high = found["ci95"]
        rounding = 1e-9 * max(map(abs, samples))  # percentiles are interpolated
        assert found["min"] - rounding <= low <= high <= found["max"] + rounding


@given(st.lists(numbers, min_size=3, max_size=12))
@settings(max_examples=30)
def test_the_same_samples_have_the_same_interval(samples: list[float]) -> None:
    assert summary.interval(samples) == summary.interval(samples)


@given(few, st.integers(-1000, 1000))
def test_moving_all_samples_moves_the_median_and_not_the_spread(samples: list[float], by: int) -> None:
    moved = [sample + by for sample in samples]
    assert known.median(moved) == pytest.approx(known.median(samples) + by, abs=1e-6)
    assert summary.mad(moved) == pytest.approx(summary.mad(samples), abs=1e-6)


@given(st.lists(st.integers(-1000, 1000), min_size=3, max_size=12))
def test_outliers_are_flagged_in_any_order(samples: list[int]) -> None:
    flagged = sorted(samples[position] for position in summary.outliers(samples))
    reversed_ = samples[::-1]
    assert flagged == sorted(reversed_[position] for position in summary.outliers(reversed_))


def test_more_samples_give_a_narrower_interval() -> None:
    few_, many = [98, 99, 100, 101, 102], [98, 99, 100, 101, 102] * 8
    assert (summary.relative_half_width(many) or 0) < (summary.relative_half_width(few_) or 0)


# The first run


@pytest.mark.parametrize(
    ("samples", "outlier"),
    [
        ([50, 99, 100, 101], True),
        ([100, 99, 100, 101], False),
        ([105, 99, 100, 101], False),  # a score of 0.6745 * 5 = 3.37
        ([105.3, 99, 100, 101], True),  # 3.57; among all four it would score 3.24
        ([50, 99, 100], None),  # two others are too few
        ([50, 100, 100, 100], None),  # the others have no spread
        ([7], None),
    ],
)
def test_the_first_sample_is_compared_with_the_others(samples: list[float], *, outlier: bool | None) -> None:
    assert summary.summarise(samples, "ms")["first"] == {"value": samples[0], "outlier": outlier}


@given(st.lists(st.integers(-1000, 1000), min_size=4, max_size=12))
def test_the_order_of_the_others_does_not_affect_the_first(samples: list[int]) -> None:
    one, *others = samples
    assert summary.first(samples) == summary.first([one, *sorted(others)])


# Drift


def drift(samples: list[float]) -> Any:
    found = trend.drift(samples)
    assert found is not None
    return found


def test_a_known_drift() -> None:
    """Sen's estimate: the median of the ten slopes between five points, here 2, 3, 3, 3, 4, 13/3, 14/3, 5, 5.5, 8."""
    assert trend.drift([100, 102, 110, 113, 116]) == {
        "slope": pytest.approx(25 / 6),
        "ci95": [pytest.approx(2), pytest.approx(8)],
        "share": pytest.approx(100 * 4 * 25 / 6 / 110),
    }


def test_a_drift_needs_five_and_a_share_needs_a_median() -> None:
    assert trend.drift([1, 2, 3, 4]) is None
    assert summary.summarise([1, 2, 3, 4, 5], "ms")["drift"] == drift([1, 2, 3, 4, 5])
    assert drift([1, 2, 3, 4, 5])["slope"] == 1
    assert drift([-2, -1, 0, 1, 2])["share"] is None


def test_equal_samples_do_not_drift() -> None:
    assert drift([7] * 5) == {"slope": 0, "ci95": [0, 0], "share": 0}


@pytest.mark.parametrize("count", [5, 6])
def test_random_orders_rarely_look_like_a_drift(count: int) -> None:
    """At most one in twenty of all orders of these runs gives an interval without 0."""
    found = [drift(list(order))["ci95"] for order in permutations(map(float, range(count)))]
    assert 0 < sum(low > 0 or high < 0 for low, high in found) <= len(found) / 20


series = st.lists(st.integers(1, 1000).map(float), min_size=5, max_size=15)


@given(series)
def test_a_reversed_series_drifts_the_other_way(samples: list[float]) -> None:
    forward, backward = drift(samples), drift(samples[::-1])
    assert forward["slope"] == pytest.approx(-backward["slope"])
    assert forward["share"] == pytest.approx(-backward["share"])
    assert forward["ci95"][0] <= forward["slope"] <= forward["ci95"][1]


@given(series, st.integers(-50, 50), st.integers(1, 50))
def test_an_added_trend_is_found(samples: list[float], step: int, scale: int) -> None:
    """The slope changes by the trend and scales with the unit. The share does not depend on the unit."""
    moved = drift([sample + step * i for i, sample in enumerate(samples)])
    assert moved["slope"] == pytest.approx(drift(samples)["slope"] + step)
    scaled = drift([sample * scale for sample in samples])
    assert scaled["slope"] == pytest.approx(drift(samples)["slope"] * scale)
    assert scaled["share"] == pytest.approx(drift(samples)["share"])


def test_one_outlier_does_not_make_a_drift() -> None:
    found = drift([100, 101, 99, 100, 101, 99, 100, 500])
    assert found["ci95"][0] <= 0 <= found["ci95"][1]
