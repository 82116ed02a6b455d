import json
import statistics as known
from statistics import StatisticsError

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.stats import summary
from common.stats.censored import CENSORED

numbers = st.floats(-1e6, 1e6, allow_subnormal=False)
few = st.lists(numbers, min_size=1, max_size=12)


def test_known_values() -> None:
    found = summary.summarise([1, 2, 3, 4, 100], "ms")
    assert (found["value"], found["median"], found["mad"], found["mean"]) == (3, 3, 1, 22)
    assert found["sd"] == pytest.approx(43.617657)
    assert (found["n"], found["runs"], found["unit"], found["min"], found["max"]) == (5, 5, "ms", 1, 100)
    assert found["outliers"] == [4]
    assert (found["p95"], found["p99"], found["censored"]) == (None, None, 0)


def test_statistics_that_need_more_samples_are_unknown() -> None:
    one = summary.summarise([7], "ms")
    assert (one["sd"], one["ci95"], one["mad"], one["outliers"]) == (None, None, 0, [])
    assert summary.summarise([7] * 5, "ms")["ci95"] is None
    assert summary.relative_half_width([7] * 5) is None
    assert summary.relative_half_width([]) is None


def test_no_samples_have_no_summary() -> None:
    with pytest.raises(StatisticsError):
        summary.summarise([], "ms")


def test_equal_samples_are_known_exactly() -> None:
    assert summary.interval([5] * 6) == [5, 5]
    assert summary.relative_half_width([5] * 6) == 0


def test_a_median_of_zero_has_no_relative_width() -> None:
    assert summary.relative_half_width([-1, 0, 1] * 2) is None


@given(few)
def test_a_summary_is_consistent(samples: list[float]) -> None:
    found = summary.summarise(samples, "ms")
    assert min(samples) == found["min"]
    assert max(samples) == found["max"]
    assert found["median"] == known.median(samples)
    assert all(0 <= position < len(samples) for position in found["outliers"])
    assert (found["ci95"] is None) == (len(samples) < 6)


def test_more_samples_give_a_narrower_interval() -> None:
    few_, many = [98, 99, 100, 101, 102, 103], [98, 99, 100, 101, 102, 103] * 8
    assert (summary.relative_half_width(many) or 0) < (summary.relative_half_width(few_) or 0)


# Clusters


def test_certainty_comes_from_runs_and_the_spread_from_all_values() -> None:
    """Each run has two values, whose middle is 10 to 15. Pooled, they would look like twelve runs."""
    runs = [[9.0 + i, 11.0 + i] for i in range(6)]
    found, by_run = summary.summarise_runs(runs, "ms"), summary.summarise([10 + i for i in range(6)], "ms")
    of_runs = ("value", "median", "ci95", "outliers", "first", "drift", "runs")
    assert {name: found[name] for name in of_runs} == {name: by_run[name] for name in of_runs}  # type: ignore[literal-required]
    assert (found["n"], found["min"], found["max"], found["mean"]) == (12, 9, 16, 12.5)


@given(st.lists(st.lists(st.integers(1, 9).map(float), min_size=1, max_size=3), min_size=1, max_size=7))
@settings(max_examples=30)
def test_repeated_requests_of_a_run_change_nothing_that_is_about_runs(runs: list[list[float]]) -> None:
    once, twice = summary.summarise_runs(runs, "ms"), summary.summarise_runs([run * 2 for run in runs], "ms")
    changed = {name for name in once if once[name] != twice[name]}  # type: ignore[literal-required]
    assert changed <= {"n", "sd"}


# Censored values


def test_a_censored_value_is_larger_than_all_others() -> None:
    found = summary.summarise([1, 2, 3, 4, 5, CENSORED, 6, 7], "ms")
    assert (found["value"], found["n"], found["censored"], found["min"]) == (4.5, 8, 1, 1)
    assert (found["max"], found["mean"], found["sd"]) == (None, None, None)
    assert found["outliers"] == [5]
    assert found["ci95"] == [pytest.approx(1.9, abs=0.1), None]
    assert summary.summarise([*range(20), CENSORED], "ms")["ci95"] == summary.interval([*range(20), 1e9])


def test_an_interval_up_to_censored_values_has_no_end() -> None:
    found = summary.summarise([1, 2, 3, 4, CENSORED, CENSORED], "ms")
    assert found["ci95"] == [pytest.approx(1.36, abs=0.01), None]
    assert summary.relative_half_width([1, 2, 3, 4, CENSORED, CENSORED]) is None


def test_a_mostly_censored_median_is_unknown() -> None:
    found = summary.summarise([1.0] + [CENSORED] * 6, "ms")
    assert (found["value"], found["median"], found["mad"], found["drift"]) == (None, None, None, None)
    assert found["first"]["value"] == 1


@given(st.lists(st.one_of(numbers, st.just(CENSORED)), min_size=1, max_size=80))
def test_nothing_infinite_or_undefined_is_left(samples: list[float]) -> None:
    found = summary.summarise(samples, "ms")
    assert json.loads(json.dumps(found, allow_nan=False)) == found
