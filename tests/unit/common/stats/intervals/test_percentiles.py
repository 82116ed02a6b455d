"""Percentiles by order statistics, and how often their intervals are right."""

from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.stats.censored import CENSORED
from common.stats.intervals.percentiles import Percentile, percentile

TRUE_P95 = 1.645 * 1.25**0.5
"""The 95th percentile of samples that vary by 1 within runs, which vary by 0.5."""


def alone(samples: Iterable[float], share: float) -> Percentile | None:
    """Return the percentile of samples that are in a run each."""
    return percentile([[sample] for sample in samples], share)


def holds(found: Percentile | None, truth: float) -> bool:
    return found is not None and found.low is not None and found.high is not None and found.low <= truth <= found.high


@pytest.mark.parametrize(("share", "needed"), [(0.95, 59), (0.99, 299)])
def test_a_percentile_waits_for_enough_samples(share: float, needed: int) -> None:
    assert alone(range(needed - 1), share) is None
    found = alone(range(needed), share)
    assert found is not None
    assert found.low is not None
    assert found.low < found.value <= needed - 1 == found.high


@pytest.mark.parametrize(("share", "n"), [(0.95, 59), (0.95, 100), (0.95, 500), (0.99, 299), (0.99, 1000)])
def test_the_percentile_is_inside_in_at_least_95_percent(share: float, n: int) -> None:
    draws = np.random.default_rng(7).random((2000, n))
    found = [alone(row, share) for row in draws.tolist()]
    covered = np.mean([holds(each, share) for each in found])
    assert 0.945 <= covered <= 0.985


@pytest.mark.parametrize(("n", "rank"), [(60, 57), (100, 95), (101, 96), (460, 437)])
def test_the_value_is_the_smallest_sample_that_the_share_does_not_exceed(n: int, rank: int) -> None:
    found = alone(range(1, n + 1), 0.95)
    assert found is not None
    assert found.value == rank


@given(st.permutations(range(60)), st.integers(-9, 9), st.integers(1, 9))
def test_percentiles_move_with_the_samples_in_any_order(samples: list[int], shift: int, scale: int) -> None:
    one, moved = alone(range(60), 0.95), alone([scale * value + shift for value in samples], 0.95)
    assert one is not None
    assert moved == tuple(scale * value + shift for value in one if value is not None)


def test_failed_requests_count_at_the_far_end() -> None:
    found = alone([*range(56), *[CENSORED] * 4], 0.95)
    assert found is not None
    assert (found.value, found.high) == (CENSORED, CENSORED)
    assert found.low is not None
    assert found.low < CENSORED


def test_requests_of_one_run_count_as_fewer_independent_ones() -> None:
    rng = np.random.default_rng(8)
    draws = rng.standard_normal((1000, 12, 50)) + 0.5 * rng.standard_normal((1000, 12, 1))
    found = [percentile(runs, 0.95) for runs in draws.tolist()]
    covered = np.mean([holds(each, TRUE_P95) for each in found])
    assert 0.93 <= covered <= 0.99


def test_few_runs_of_many_requests_have_a_percentile_without_an_interval() -> None:
    found = percentile([range(40)] * 5, 0.95)
    assert found == (37, None, None)


def test_a_bound_that_few_alike_requests_do_not_show_is_open() -> None:
    found = percentile([[float(run)] * 20 for run in range(6)], 0.95)
    assert found is not None
    assert (found.value, found.high) == (5, CENSORED)
