"""Percentiles by order statistics, and how often their intervals are right."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.stats.censored import CENSORED
from common.stats.intervals.percentiles import percentile


@pytest.mark.parametrize(("share", "needed"), [(0.95, 59), (0.99, 299)])
def test_a_percentile_waits_for_enough_samples(share: float, needed: int) -> None:
    assert percentile(range(needed - 1), share) is None
    found = percentile(range(needed), share)
    assert found is not None
    assert found.low < found.value <= found.high == needed - 1


@pytest.mark.parametrize(("share", "n"), [(0.95, 59), (0.95, 100), (0.95, 500), (0.99, 299), (0.99, 1000)])
def test_the_percentile_is_inside_in_at_least_95_percent(share: float, n: int) -> None:
    draws = np.random.default_rng(7).random((2000, n))
    found = [percentile(row, share) for row in draws.tolist()]
    covered = np.mean([each is not None and each.low <= share <= each.high for each in found])
    assert 0.945 <= covered <= 0.985


@pytest.mark.parametrize(("n", "rank"), [(60, 57), (100, 95), (101, 96), (460, 437)])
def test_the_value_is_the_smallest_sample_that_the_share_does_not_exceed(n: int, rank: int) -> None:
    found = percentile(range(1, n + 1), 0.95)
    assert found is not None
    assert found.value == rank


@given(st.permutations(range(60)), st.integers(-9, 9), st.integers(1, 9))
def test_percentiles_move_with_the_samples_in_any_order(samples: list[int], shift: int, scale: int) -> None:
    one, moved = percentile(range(60), 0.95), percentile([scale * value + shift for value in samples], 0.95)
    assert one is not None
    assert moved == tuple(scale * value + shift for value in one)


def test_failed_requests_count_at_the_far_end() -> None:
    found = percentile([*range(56), *[CENSORED] * 4], 0.95)
    assert found is not None
    assert (found.value, found.high) == (CENSORED, CENSORED)
    assert found.low < CENSORED
