"""The trend of a series: the median of all slopes between two of its values, with its interval.

Sources: Theil, A Rank-Invariant Method of Linear and Polynomial Regression Analysis (1950); Sen, Estimates of the
Regression Coefficient Based on Kendall's Tau (1968); Hamed and Rao, A modified Mann-Kendall trend test for
autocorrelated data (1998).

Runs that follow each other are often alike, without any trend. The interval allows for that. It takes the
autocorrelation as AUTOCORRELATION instead of estimating it, because estimates from 8 to 20 runs are far too low.
"""

import statistics
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import combinations
from math import asin, ceil, isfinite, pi, sqrt

from common.stats.censored import known
from common.stats.distribution import Drift

MIN_SAMPLES = 6
"""A series of five that always rises may still be chance, given the autocorrelation."""
MAX_SAMPLES = 400
"""A longer series is reduced to medians of consecutive samples, because the number of pairs grows with the square."""
AUTOCORRELATION = 0.5
"""Between a run and the next. The interval's errors are at most 5 % up to here."""
Z = statistics.NormalDist().inv_cdf(0.975)
"""The normal quantile of a 95 % interval."""
PERCENT = 100.0


def drift(samples: Sequence[float]) -> Drift | None:
    """Return the trend of the samples in their order, or None for fewer than six.

    `slope` is the change from one sample to the next (the median over all pairs), and `ci95` its 95 % interval. `share`
    is the change over the whole series in percent of the median, or None if the median is 0. An interval without 0
    says that the order matters, not why. The drift is None, too, if it depends on the size of censored values.
    """
    if len(samples) < MIN_SAMPLES:
        return None
    length = ceil(len(samples) / MAX_SAMPLES)
    series = [statistics.median(samples[start : start + length]) for start in range(0, len(samples), length)]
    slopes = sorted(_slope(*pair) / length for pair in combinations(enumerate(series), 2))
    slope, middle = statistics.median(slopes), statistics.median(samples)
    bounds = _interval(slopes, _deviation(series))
    if not all(map(isfinite, [slope, middle, *bounds])):
        return None
    share = known(PERCENT * slope * (len(samples) - 1) / abs(middle)) if middle else None
    return {"slope": slope, "ci95": bounds, "share": share}


def _slope(one: tuple[int, float], other: tuple[int, float]) -> float:
    (i, first), (j, later) = one, other
    return 0.0 if first == later else (later - first) / (j - i)


def _interval(slopes: Sequence[float], deviation: float) -> list[float]:
    """Return the slopes whose ranks are the bounds. `slopes` are in order."""
    low = round((len(slopes) - Z * deviation) / 2) - 1
    high = round((len(slopes) + Z * deviation) / 2)
    return [slopes[max(low, 0)], slopes[min(high, len(slopes) - 1)]]


def _deviation(samples: Sequence[float]) -> float:
    """Return the standard deviation of Kendall's statistic for a series without a trend: Sen's equation 2.6.

    Autocorrelation increases it.
    """
    ties = sum(map(_weight, Counter(samples).values()))
    return sqrt((_weight(len(samples)) - ties) / 18 * inflation(len(samples)))


def _weight(n: int) -> int:
    return n * (n - 1) * (2 * n + 5)


@lru_cache(512)
def inflation(n: int) -> float:
    """Return the factor by which AUTOCORRELATION increases the variance: n/n* of Hamed and Rao, of ranks."""
    lags = range(1, n - 2)
    ranks = [6 / pi * asin(AUTOCORRELATION**lag / 2) for lag in lags]
    pairs = [(n - lag) * (n - lag - 1) * (n - lag - 2) for lag in lags]
    return 1 + 2 * sum(p * r for p, r in zip(pairs, ranks, strict=True)) / (n * (n - 1) * (n - 2))
