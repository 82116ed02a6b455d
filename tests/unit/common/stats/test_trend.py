"""The trend of a series, next to SciPy's, and how often noise looks like one."""

from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from common.stats import trend
from common.stats.censored import CENSORED

few_values = st.integers(-5, 5).map(float)
"""So few that many are equal."""
values = st.one_of(st.floats(-1e6, 1e6, allow_subnormal=False), few_values)
series = st.lists(st.integers(1, 1000).map(float), min_size=6, max_size=15)


def drift(samples: list[float]) -> Any:
    found = trend.drift(samples)
    assert found is not None
    return found


@given(st.lists(values, min_size=6, max_size=40))
def test_slope_and_interval_are_scipys_at_the_confidence_that_allows_for_autocorrelation(samples: list[float]) -> None:
    wider = 2 * NormalDist().cdf(trend.Z * trend.inflation(len(samples)) ** 0.5) - 1
    found, known = drift(samples), stats.theilslopes(samples, alpha=wider)
    assert found["slope"] == pytest.approx(known.slope)
    assert found["ci95"] == pytest.approx([known.low_slope, known.high_slope])


@pytest.mark.parametrize("autocorrelation", [0.0, 0.25, 0.5])
@pytest.mark.parametrize("count", [6, 8, 20])
def test_autocorrelated_noise_rarely_looks_like_a_drift(count: int, autocorrelation: float) -> None:
    noise = np.random.default_rng(5).standard_normal((500, count))
    for i in range(1, count):
        noise[:, i] = autocorrelation * noise[:, i - 1] + (1 - autocorrelation**2) ** 0.5 * noise[:, i]
    bounds = [drift(row)["ci95"] for row in noise.tolist()]
    assert sum(low > 0 or high < 0 for low, high in bounds) <= 0.05 * len(bounds)


def test_a_drift_of_six_deviations_is_found_in_twelve_runs() -> None:
    rising = np.random.default_rng(6).standard_normal((200, 12)) + np.linspace(0, 6, 12)
    assert sum(drift(row)["ci95"][0] > 0 for row in rising.tolist()) >= 0.85 * len(rising)


def test_a_drift_needs_six_and_a_share_needs_a_median() -> None:
    assert trend.drift([1, 2, 3, 4, 5]) is None
    assert drift([1, 2, 3, 4, 5, 6]) == {"slope": 1, "ci95": [1, 1], "share": pytest.approx(500 / 3.5)}
    assert drift([-3, -2, -1, 1, 2, 3])["share"] is None


def test_equal_samples_do_not_drift() -> None:
    assert drift([7] * 6) == {"slope": 0, "ci95": [0, 0], "share": 0}


def test_one_outlier_does_not_make_a_drift() -> None:
    found = drift([100, 101, 99, 100, 101, 99, 100, 500])
    assert found["ci95"][0] <= 0 <= found["ci95"][1]


def test_a_drift_that_depends_on_the_size_of_censored_values_is_unknown() -> None:
    assert trend.drift([1, 2, 3, CENSORED, CENSORED, CENSORED]) is None
    assert drift([3, 1, 2, 3, CENSORED, 1, 2, 3, 1, 2, 3, 1])["slope"] == 0


@given(series)
def test_a_reversed_series_drifts_the_other_way(samples: list[float]) -> None:
    forward, backward = drift(samples), drift(samples[::-1])
    low, high = forward["ci95"]
    assert forward["slope"] == pytest.approx(-backward["slope"])
    assert forward["share"] == pytest.approx(-backward["share"])
    assert backward["ci95"] == pytest.approx([-high, -low])
    assert low <= forward["slope"] <= high


@given(series, st.integers(-50, 50), st.integers(1, 50))
def test_an_added_trend_is_found(samples: list[float], step: int, scale: int) -> None:
    """The slope changes by the trend and scales with the unit. The share does not depend on the unit."""
    moved = drift([sample + step * i for i, sample in enumerate(samples)])
    assert moved["slope"] == pytest.approx(drift(samples)["slope"] + step)
    scaled = drift([sample * scale for sample in samples])
    assert scaled["slope"] == pytest.approx(drift(samples)["slope"] * scale)
    assert scaled["ci95"] == pytest.approx([scale * bound for bound in drift(samples)["ci95"]])
    assert scaled["share"] == pytest.approx(drift(samples)["share"])


def test_a_long_series_is_evaluated_by_medians_of_its_parts() -> None:
    found = drift([100 + 0.01 * i for i in range(10 * trend.MAX_SAMPLES)])
    assert found["slope"] == pytest.approx(0.01)
    assert found["share"] == pytest.approx(100 * 0.01 * (10 * trend.MAX_SAMPLES - 1) / 120, rel=1e-3)
