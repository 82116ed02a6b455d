import statistics as known
from statistics import StatisticsError

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common import statistics

numbers = st.floats(-1e6, 1e6, allow_subnormal=False)
few = st.lists(numbers, min_size=1, max_size=12)


def test_known_values() -> None:
    found = statistics.summarise([1, 2, 3, 4, 100], "ms")
    assert (found["value"], found["median"], found["mad"], found["mean"]) == (3, 3, 1, 22)
    assert found["sd"] == pytest.approx(43.617657)
    assert (found["n"], found["unit"], found["min"], found["max"]) == (5, "ms", 1, 100)
    assert found["outliers"] == [4]
    assert (found["p95"], found["p99"]) == (None, None)


def test_percentiles_wait_for_enough_samples() -> None:
    assert statistics.summarise(range(19), "ms")["p95"] is None
    assert statistics.summarise(range(101), "ms")["p95"] == 95
    assert statistics.summarise(range(99), "ms")["p99"] is None
    assert statistics.summarise(range(101), "ms")["p99"] == 99


def test_what_one_or_two_samples_hide_is_unknown() -> None:
    one = statistics.summarise([7], "ms")
    assert (one["sd"], one["ci95"], one["mad"], one["outliers"]) == (None, None, 0, [])
    assert statistics.summarise([7, 9], "ms")["ci95"] is None
    assert statistics.relative_half_width([7, 9]) is None
    assert statistics.relative_half_width([]) is None


def test_no_samples_have_no_summary() -> None:
    with pytest.raises(StatisticsError):
        statistics.summarise([], "ms")


def test_equal_samples_are_known_exactly() -> None:
    assert statistics.interval([5, 5, 5]) == [5, 5]
    assert statistics.relative_half_width([5, 5, 5]) == 0


def test_a_median_of_nothing_has_no_relative_width() -> None:
    assert statistics.relative_half_width([-1, 0, 1]) is None


@given(few)
@settings(deadline=None)
def test_a_summary_holds_together(samples: list[float]) -> None:
    found = statistics.summarise(samples, "ms")
    assert found["min"] <= found["median"] <= found["max"]
    assert found["median"] == known.median(samples)
    assert found["mad"] >= 0
    assert all(0 <= position < len(samples) for position in found["outliers"])
    if found["ci95"] is not None:
        low, high = found["ci95"]
        rounding = 1e-9 * max(map(abs, samples))  # percentiles are interpolated
        assert found["min"] - rounding <= low <= high <= found["max"] + rounding


@given(st.lists(numbers, min_size=3, max_size=12))
@settings(deadline=None, max_examples=30)
def test_the_same_samples_have_the_same_interval(samples: list[float]) -> None:
    assert statistics.interval(samples) == statistics.interval(samples)


@given(few, st.integers(-1000, 1000))
def test_moving_all_samples_moves_the_median_and_not_the_spread(samples: list[float], by: int) -> None:
    moved = [sample + by for sample in samples]
    assert known.median(moved) == pytest.approx(known.median(samples) + by, abs=1e-6)
    assert statistics.mad(moved) == pytest.approx(statistics.mad(samples), abs=1e-6)


@given(st.lists(st.integers(-1000, 1000), min_size=3, max_size=12))
def test_outliers_are_flagged_in_any_order(samples: list[int]) -> None:
    flagged = sorted(samples[position] for position in statistics.outliers(samples))
    reversed_ = samples[::-1]
    assert flagged == sorted(reversed_[position] for position in statistics.outliers(reversed_))


def test_more_samples_of_a_kind_are_known_better() -> None:
    few_, many = [98, 99, 100, 101, 102], [98, 99, 100, 101, 102] * 8
    assert (statistics.relative_half_width(many) or 0) < (statistics.relative_half_width(few_) or 0)
