"""The trend of a series, next to SciPy's."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.stats.trend import drift

few_values = st.integers(-5, 5).map(float)
"""So few that many are equal."""
values = st.one_of(st.floats(-1e6, 1e6, allow_subnormal=False), few_values)


@given(st.lists(values, min_size=5, max_size=40))
def test_slope_and_interval_are_scipys(scipy_stats: Any, samples: list[float]) -> None:
    found, known = drift(samples), scipy_stats.theilslopes(samples, alpha=0.95)
    assert found is not None
    assert found["slope"] == pytest.approx(known.slope)
    assert found["ci95"] == pytest.approx([known.low_slope, known.high_slope])
