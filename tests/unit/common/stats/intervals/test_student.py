"""Student's t distribution, against scipy."""

import pytest
from scipy import stats

from common.stats.intervals.student import p_value, quantile


@pytest.mark.parametrize("freedom", [1, 1.5, 2, 3.7, 10, 57.3, 400])
def test_it_agrees_with_scipy(freedom: float) -> None:
    for t in (0.0, 0.5, -2.0, 5.0, 12.0):
        assert p_value(t, freedom) == pytest.approx(2 * stats.t.sf(abs(t), freedom), rel=1e-6)
    for confidence in (0.6, 0.95, 0.97):
        assert quantile(confidence, freedom) == pytest.approx(stats.t.ppf((1 + confidence) / 2, freedom), rel=1e-6)


def test_many_degrees_of_freedom_are_normal() -> None:
    assert quantile(0.95, 1e6) == pytest.approx(stats.norm.ppf(0.975), rel=0.003)
