"""Percentiles by order statistics, with an interval that assumes no distribution.

Source: Hahn and Meeker, Statistical Intervals (1991), section 5.2. Of n independent samples, the number below a
percentile is binomial. So the ranks between which it lies are known, and no value is interpolated.
"""

from collections.abc import Sequence
from functools import lru_cache
from math import ceil, exp, lgamma, log
from typing import NamedTuple

ERROR = 0.05
"""How often the interval may miss the percentile."""
ROUNDING = 1e-9


class Percentile(NamedTuple):
    value: float
    low: float
    high: float


def percentile(samples: Sequence[float], share: float) -> Percentile | None:
    """Return the sample below which this share of all values lies, with its 95 % interval.

    It is None if even the largest sample is below the percentile in more than 5 % of all cases. So the 95th percentile
    needs 59 samples (1 - 0.95^59 >= 95 %), and the 99th needs 299.
    """
    ranks = _ranks(len(samples), share)
    if ranks is None:
        return None
    ordered = sorted(samples)
    return Percentile(*(ordered[rank - 1] for rank in ranks))


@lru_cache(512)
def _ranks(n: int, share: float) -> tuple[int, int, int] | None:
    """Return the ranks of the percentile and of its bounds, from 1.

    Both sides miss it equally often, if there are enough samples for that. Otherwise the upper bound is the largest
    sample, and the lower bound leaves what remains of ERROR.
    """
    if share**n > ERROR:
        return None
    high, above = n, share**n
    while (wider := above + _probability(n, high - 1, share)) <= ERROR / 2:
        high, above = high - 1, wider
    rank = ceil(n * share - ROUNDING)
    low, below = rank, _at_most(n, rank - 1, share)
    while below > ERROR - above:
        low -= 1
        below -= _probability(n, low, share)
    return rank, low, high


def _at_most(n: int, successes: int, share: float) -> float:
    return sum(_probability(n, k, share) for k in range(successes + 1))


def _probability(n: int, k: int, share: float) -> float:
    """Return the probability of k successes in n draws."""
    ways = lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
    return exp(ways + k * log(share) + (n - k) * log(1 - share))
