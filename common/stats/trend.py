"""The trend of a series: the median of all slopes between two of its values, with its interval.

Sources: Theil, A Rank-Invariant Method of Linear and Polynomial Regression Analysis (1950); Sen, Estimates of the
Regression Coefficient Based on Kendall's Tau (1968). `scipy.stats.theilslopes` gives the same values.
"""

import statistics
from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from math import sqrt

from common.stats.distribution import Drift

MIN_SAMPLES = 5
"""One in twelve series of four random runs is perfectly ordered, but only one in sixty of five."""
Z = statistics.NormalDist().inv_cdf(0.975)
"""The normal quantile of a 95 % interval."""
PERCENT = 100.0


def drift(samples: Sequence[float]) -> Drift | None:
    """Return the trend of the samples in their order, or None for fewer than five.

    `slope` is the change from one sample to the next (the median over all pairs), and `ci95` its 95 % interval. `share`
    is the change over the whole series in percent of the median, or None if the median is 0. An interval without 0
    says that the order matters, not why.
    """
    if len(samples) < MIN_SAMPLES:
        return None
    slopes = sorted((later - first) / (j - i) for (i, first), (j, later) in combinations(enumerate(samples), 2))
    slope, middle = statistics.median(slopes), statistics.median(samples)
    share = PERCENT * slope * (len(samples) - 1) / abs(middle) if middle else None
    return {"slope": slope, "ci95": _interval(slopes, _deviation(samples)), "share": share}


def _interval(slopes: Sequence[float], deviation: float) -> list[float]:
    """Return the slopes whose ranks are the bounds. `slopes` are in order."""
    low = round((len(slopes) - Z * deviation) / 2) - 1
    high = round((len(slopes) + Z * deviation) / 2)
    return [slopes[max(low, 0)], slopes[min(high, len(slopes) - 1)]]


def _deviation(samples: Sequence[float]) -> float:
    """Return the standard deviation of Kendall's statistic for a series without a trend: Sen's equation 2.6."""
    ties = sum(map(_weight, Counter(samples).values()))
    return sqrt((_weight(len(samples)) - ties) / 18)


def _weight(n: int) -> int:
    return n * (n - 1) * (2 * n + 5)
