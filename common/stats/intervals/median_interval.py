"""The interval of a median from the order of its samples, whatever their distribution.

Source: Hettmansperger and Sheather, Confidence intervals based on interpolated order statistics (1986); Nyblom, Note on
interpolated order statistics (1992), shows that the interpolation holds for wide classes of distributions.
"""

from collections.abc import Sequence
from functools import lru_cache
from math import comb, isfinite

CONFIDENCE = 0.95
MIN_SAMPLES = 6
"""The smallest and the largest of five samples contain the median with 93.75 %, which is too little."""


def interval(samples: Sequence[float], confidence: float = CONFIDENCE) -> tuple[float, float] | None:
    """Return the interval that contains the median with this confidence, or None if there are too few samples.

    The order of the samples does not matter.
    """
    found = _rank(len(samples), confidence)
    if found is None:
        return None
    rank, weight = found
    ordered = sorted(samples)
    low = _between(ordered[rank - 1], ordered[rank], weight)
    high = _between(ordered[-rank], ordered[-rank - 1], weight)
    return low, high


def _between(outer: float, inner: float, weight: float) -> float:
    """Return the bound between two samples, or the outer one if either is infinite."""
    return outer + weight * (inner - outer) if weight and isfinite(inner - outer) else outer


@lru_cache(2048)
def _rank(n: int, confidence: float) -> tuple[int, float] | None:
    """Return the rank d of the outer bound, from 1, and the weight of the next rank within.

    The d-th of n samples from both ends contain the median with the confidence 1 - 2 P(B < d), where B is binomial with
    n draws of probability 1/2. The weight is λ of the first source.
    """
    covered = [1 - 2 * tail for tail in _tails(n)]
    inside = [rank for rank, share in enumerate(covered, start=1) if share >= confidence]
    if n < MIN_SAMPLES or not inside:
        return None
    rank = inside[-1]
    outer, inner = covered[rank - 1], covered[rank]
    share = (outer - confidence) / (outer - inner)
    return rank, (n - rank) * share / (rank + (n - 2 * rank) * share)


def _tails(n: int) -> list[float]:
    """Return P(B < d) for d from 1 to the middle and one beyond."""
    tails, total = [], 0
    for successes in range(n // 2 + 1):
        total += comb(n, successes)
        tails.append(min(total / 2**n, 0.5))
    return tails
