"""The interval of a median, next to SciPy's, which draws each sample singly."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from common.stats.bootstrap import RESAMPLES, interval, medians

samples = st.lists(st.floats(-100, 100), min_size=3, max_size=40)


@given(samples)
@settings(max_examples=30)
def test_the_bounds_are_at_most_one_sample_from_scipys(sample: list[float]) -> None:
    ordered = np.sort(sample)
    found = interval(sample)
    assert found is not None
    known = stats.bootstrap((ordered,), np.median, n_resamples=RESAMPLES, method="percentile", rng=0)
    for mine, scipys in zip(found, known.confidence_interval, strict=True):
        index = int(np.searchsorted(ordered, scipys))
        nearby = ordered[max(0, index - 2) : index + 2]
        assert min(nearby) <= mine <= max(nearby)


@pytest.mark.parametrize("n", [4, 5, 11, 20])
def test_the_resampled_medians_have_the_right_distribution(n: int) -> None:
    """The middle ranks come from Beta distributions, which must give the same medians as single draws."""
    rng = np.random.default_rng(3)
    sample = sorted(rng.normal(100, 5, n))
    drawn = np.median(rng.choice(sample, (20_000, n)), axis=1)
    assert stats.wasserstein_distance(medians(tuple(sample), 0), drawn) < 0.15


def test_two_samples_have_no_interval() -> None:
    assert interval((1, 2)) is None
