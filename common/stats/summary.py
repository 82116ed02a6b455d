"""Statistics of the runs of one point.

A median with its bootstrap interval describes runs under the same conditions, and no others. An interval from few runs
is itself uncertain.
"""

import statistics
from collections.abc import Sequence

import numpy as np

from common.stats import bootstrap, trend
from common.stats.distribution import Distribution, FirstSample

MIN_FOR_P95 = 20
MIN_FOR_P99 = 100
OUTLIER_SCORE = 3.5
"""Iglewicz and Hoaglin, How to Detect and Handle Outliers (1993): |modified z| above 3.5."""
NORMAL_MAD = 0.6745
"""The MAD of a normal distribution with standard deviation 1."""
MIN_OTHERS = 3


def summarise(samples: Sequence[float], unit: str) -> Distribution:
    """Return the distribution of `samples`, all in `unit`. `value` is the median.

    A statistic that needs more samples is None.

    Raises:
        statistics.StatisticsError: if there are no samples.
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
        "p95": float(np.percentile(samples, 95)) if len(samples) >= MIN_FOR_P95 else None,
        "p99": float(np.percentile(samples, 99)) if len(samples) >= MIN_FOR_P99 else None,
        "outliers": outliers(samples),
        "first": first(samples),
        "drift": trend.drift(samples),
    }


def mad(samples: Sequence[float]) -> float:
    """Return the median absolute deviation from the median, not scaled."""
    middle = statistics.median(samples)
    return statistics.median(abs(sample - middle) for sample in samples)


def interval(samples: Sequence[float]) -> list[float] | None:
    """Return the 95 % interval of the median, [low, high], or None for fewer than three samples."""
    bounds = bootstrap.interval(samples)
    return None if bounds is None else list(bounds)


def relative_half_width(samples: Sequence[float]) -> float | None:
    """Return half the interval's width as a share of the median, which says how precisely the median is known."""
    bounds = interval(samples)
    middle = statistics.median(samples) if samples else 0
    return None if bounds is None or middle == 0 else (bounds[1] - bounds[0]) / 2 / abs(middle)


def outliers(samples: Sequence[float]) -> list[int]:
    """Return the indices of samples whose modified z-score is above 3.5. They are flagged, never dropped."""
    middle, spread = statistics.median(samples), mad(samples)
    return [i for i, sample in enumerate(samples) if _is_outlier(sample, middle, spread)]


def first(samples: Sequence[float]) -> FirstSample:
    """Return the first sample, and whether it is an outlier by the median and MAD of the others.

    `outlier` is None if there are fewer than three others, or if most of them are equal (a MAD of 0).
    """
    one, *others = samples
    if len(others) < MIN_OTHERS:
        return {"value": one, "outlier": None}
    return {"value": one, "outlier": _is_outlier(one, statistics.median(others), mad(others))}


def _is_outlier(sample: float, middle: float, spread: float) -> bool | None:
    return None if spread == 0 else NORMAL_MAD * abs(sample - middle) / spread > OUTLIER_SCORE
