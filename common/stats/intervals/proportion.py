"""The interval of a share, such as that of the answers that were identical.

Source: Clopper and Pearson, The use of confidence or fiducial limits illustrated in the case of the binomial (1934). It
is exact: it contains the true share of independent cases in at least 95 %.
"""

from functools import lru_cache
from math import comb

TAIL = 0.025
STEPS = 40
"""Halvings in the search for a bound."""


@lru_cache(512)
def interval(successes: int, cases: int) -> tuple[float, float]:
    """Return the 95 % interval of the share of which `successes` of `cases` are a sample, from 0 to 1."""
    return 1 - _upper(cases - successes, cases), _upper(successes, cases)


def _upper(successes: int, cases: int) -> float:
    """Return the largest share at which so few successes occur with at least TAIL."""
    if successes == cases:
        return 1.0
    low, high = 0.0, 1.0
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if _at_most(successes, cases, middle) > TAIL else (low, middle)
    return high


def _at_most(successes: int, cases: int, share: float) -> float:
    return sum(comb(cases, k) * share**k * (1 - share) ** (cases - k) for k in range(successes + 1))
