"""The interval of a share, next to SciPy's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from common.stats.intervals.proportion import interval


@given(st.integers(1, 60).flatmap(lambda cases: st.tuples(st.integers(0, cases), st.just(cases))))
def test_the_interval_is_the_exact_one(found: tuple[int, int]) -> None:
    known = binomtest(*found).proportion_ci(method="exact")
    assert interval(*found) == pytest.approx((known.low, known.high), abs=1e-9)
