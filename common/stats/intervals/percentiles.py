"""Percentiles by order statistics, with an interval that assumes no distribution.

Sources: Hahn and Meeker, Statistical Intervals (1991), section 5.2. Of n independent samples, the number below a
percentile is binomial. So the ranks between which it lies are known, and no value is interpolated. Samples of one run
resemble each other, and count as fewer independent ones: Korn and Graubard, Confidence intervals for proportions with
small expected number of positive counts estimated from survey data (1998).
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from math import ceil, exp, floor, lgamma, log
from typing import NamedTuple

from common.stats.censored import CENSORED
from common.stats.intervals import student
from common.stats.intervals.median_interval import CONFIDENCE, MIN_SAMPLES

ERROR = 1 - CONFIDENCE
"""How often the interval may miss the percentile."""
ROUNDING = 1e-9


class Percentile(NamedTuple):
    """The sample below which a share of all values lies, and its 95 % interval.

    The bounds are None if there are too few runs of several samples for an interval. The upper one is infinite if the
    samples are too much alike to know it.
    """

    value: float
    low: float | None
    high: float | None


def percentile(runs: Sequence[Sequence[float]], share: float) -> Percentile | None:
    """Return the percentile of the samples of all runs.

    It is None if even the largest of as many independent samples is below the percentile in more than 5 % of all cases.
    So the 95th percentile needs 59 samples (1 - 0.95^59 >= 95 %), and the 99th needs 299.
    """
    ordered = sorted(chain.from_iterable(runs))
    if share ** len(ordered) > ERROR:
        return None
    value = ordered[ceil(len(ordered) * share - ROUNDING) - 1]
    return Percentile(value, *_bounds(ordered, share, _independent(runs, value)))


def _independent(runs: Sequence[Sequence[float]], value: float) -> int:
    """Return how many independent samples say as much about the percentile; 0 if there are too few runs to know.

    These have the variance that the share from the percentile on has between runs, and the larger uncertainty of a
    variance that is known from few runs.
    """
    total = sum(map(len, runs))
    if total == len(runs):
        return total
    if len(runs) < MIN_SAMPLES:
        return 0
    reaching = [sum(sample >= value for sample in samples) for samples in runs]
    share = sum(reaching) / total
    excess = sum((count - share * len(samples)) ** 2 for count, samples in zip(reaching, runs, strict=True))
    between = len(runs) / (len(runs) - 1) * excess / total**2
    if_independent = share * (1 - share) / (total - 1)
    uncertainty = student.quantile(CONFIDENCE, total - 1) / student.quantile(CONFIDENCE, len(runs) - 1)
    return int(total * uncertainty**2 * (min(1.0, if_independent / between) if between else 1.0))


def _bounds(ordered: Sequence[float], share: float, independent: int) -> tuple[float | None, float | None]:
    """Return the samples whose positions are those of the bounds among as many independent samples."""
    low, high = _ranks(independent, share)
    if not low:
        return None, None
    scale = len(ordered) / independent
    upper = CENSORED if high is None else ordered[ceil(high * scale - ROUNDING) - 1]
    return ordered[floor((low - 1) * scale + ROUNDING)], upper


@lru_cache(512)
def _ranks(n: int, share: float) -> tuple[int, int | None]:
    """Return the ranks of the bounds, from 1; 0 and None for a bound that n samples cannot have.

    Both sides miss the percentile equally often, if there are enough samples for that. Otherwise the upper bound is the
    largest sample, or unknown, and the lower bound leaves what remains of ERROR.
    """
    high, above = (n, share**n) if share**n <= ERROR else (None, 0.0)
    while high is not None and (wider := above + _probability(n, high - 1, share)) <= ERROR / 2:
        high, above = high - 1, wider
    low = ceil(n * share - ROUNDING)
    below = _at_most(n, low - 1, share)
    while low and below > ERROR - above:
        low -= 1
        below -= _probability(n, low, share)
    return low, high


def _at_most(n: int, successes: int, share: float) -> float:
    return sum(_probability(n, k, share) for k in range(successes + 1))


def _probability(n: int, k: int, share: float) -> float:
    """Return the probability of k successes in n draws."""
    ways = lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
    return exp(ways + k * log(share) + (n - k) * log(1 - share))
