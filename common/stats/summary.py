"""Statistics of a handful of runs: pure arithmetic, no clock, no input.

A median with its bootstrap interval says where the middle of such runs lies. It says nothing of runs under other
conditions, and an interval from few runs is itself uncertain.
"""

import statistics
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import stats

P95_FROM = 20
P99_FROM = 100
INTERVAL_FROM = 3
RESAMPLES = 2000
CONFIDENCE = 0.95
OUTLIER_SCORE = 3.5
"""Iglewicz and Hoaglin, How to Detect and Handle Outliers (1993): |modified z| above 3.5."""
NORMAL_MAD = 0.6745
"""The MAD of a normal distribution with standard deviation 1."""
OTHERS_FROM = 3
DRIFT_FROM = 5
"""Of four runs even chance puts one series in twelve into perfect order; of five, one in sixty."""
WHOLE = 100.0


def summarise(samples: Sequence[float], unit: str) -> dict[str, Any]:
    """The distribution of `samples`, all in `unit`; `value` is the median. What too few samples hide is None.

    Raises:
        statistics.StatisticsError: for no samples at all.
    """
    median = statistics.median(samples)
    return {
        "value": median,
        "unit": unit,
        "n": len(samples),
        "median": median,
        "mad": mad(samples),
        "mean": statistics.fmean(samples),
        "sd": statistics.stdev(samples) if len(samples) > 1 else None,
        "ci95": interval(samples),
        "min": min(samples),
        "max": max(samples),
        "p95": float(np.percentile(samples, 95)) if len(samples) >= P95_FROM else None,
        "p99": float(np.percentile(samples, 99)) if len(samples) >= P99_FROM else None,
        "outliers": outliers(samples),
        "first": first(samples),
        "drift": drift(samples),
    }


def mad(samples: Sequence[float]) -> float:
    """The median absolute deviation from the median, not scaled."""
    middle = statistics.median(samples)
    return statistics.median(abs(sample - middle) for sample in samples)


def interval(samples: Sequence[float]) -> list[float] | None:
    """The 95 % percentile-bootstrap interval of the median, [low, high]; None from fewer than three samples.

    Seeded and sorted, so that the same samples always give the same interval, in whatever order they came.
    """
    if len(samples) < INTERVAL_FROM:
        return None
    if min(samples) == max(samples):
        return [samples[0], samples[0]]
    found = stats.bootstrap(
        (np.sort(samples),),
        np.median,
        n_resamples=RESAMPLES,
        confidence_level=CONFIDENCE,
        method="percentile",
        rng=np.random.default_rng(0),
    ).confidence_interval
    return [float(found.low), float(found.high)]


def relative_half_width(samples: Sequence[float]) -> float | None:
    """Half the interval's width as a share of the median: how well the median is known."""
    bounds = interval(samples)
    middle = statistics.median(samples) if samples else 0
    return None if bounds is None or middle == 0 else (bounds[1] - bounds[0]) / 2 / abs(middle)


def outliers(samples: Sequence[float]) -> list[int]:
    """The positions of samples whose modified z-score is above 3.5. They are flagged, never dropped."""
    middle, spread = statistics.median(samples), mad(samples)
    return [i for i, sample in enumerate(samples) if _stands_out(sample, middle, spread)]


def first(samples: Sequence[float]) -> dict[str, Any]:
    """The first sample, and whether it is an outlier by the median and MAD of the others.

    That is None where fewer than three others, or others that are all but alike (a MAD of 0), cannot tell.
    """
    one, *others = samples
    if len(others) < OTHERS_FROM:
        return {"value": one, "outlier": None}
    return {"value": one, "outlier": _stands_out(one, statistics.median(others), mad(others))}


def _stands_out(sample: float, middle: float, spread: float) -> bool | None:
    return None if spread == 0 else NORMAL_MAD * abs(sample - middle) / spread > OUTLIER_SCORE


def drift(samples: Sequence[float]) -> dict[str, Any] | None:
    """How the samples move with their order; None from fewer than five.

    `slope` is the change from one sample to the next, the median over all pairs, `ci95` its 95 % interval, `share`
    the change over the whole series in percent of the median (None where that is 0). An interval without 0 says that
    the order matters, not why.

    Theil and Sen; Sen, Estimates of the Regression Coefficient Based on Kendall's Tau (1968).
    """
    if len(samples) < DRIFT_FROM:
        return None
    found = stats.theilslopes(samples, alpha=CONFIDENCE)
    slope, middle = float(found.slope), statistics.median(samples)
    return {
        "slope": slope,
        "ci95": [float(found.low_slope), float(found.high_slope)],
        "share": WHOLE * slope * (len(samples) - 1) / abs(middle) if middle else None,
    }
