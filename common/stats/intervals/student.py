"""Student's t distribution, for any degrees of freedom from 1.

With x = sqrt(f) tan(a), its density is proportional to cos(a) to the power of f - 1, which is integrated numerically.
"""

from functools import lru_cache
from math import atan, exp, lgamma, pi, sqrt
from statistics import NormalDist

import numpy as np
from numpy.polynomial.legendre import leggauss

NODES, WEIGHTS = leggauss(96)
PLACES = NODES + 1
STEPS, PRECISION = 60, 1e-12
"""At most this number of steps to a quantile, until one changes it by less than this share."""
MAX_FREEDOM = 500.0
"""Beyond this, the distribution is normal to three digits, and the integrand too narrow for the nodes."""


def p_value(t: float, freedom: float) -> float:
    """Return the probability of a value as far from 0 as `t` on either side."""
    freedom = min(freedom, MAX_FREEDOM)
    low = atan(abs(t) / sqrt(freedom))
    half = (pi / 2 - low) / 2
    tail = float(np.cos(low + half * PLACES) ** (freedom - 1) @ WEIGHTS) * half
    return min(1.0, 2 * tail * _density(freedom))


@lru_cache(1024)
def quantile(confidence: float, freedom: float) -> float:
    """Return the t that values exceed on neither side with this confidence.

    The p-value falls ever more slowly, so Newton's steps from the left never go beyond the t.
    """
    freedom = min(freedom, MAX_FREEDOM)
    t = NormalDist().inv_cdf((1 + confidence) / 2)  # that of infinite freedom, below all others
    for _ in range(STEPS):
        missing = p_value(t, freedom) - (1 - confidence)
        density = _density(freedom) / sqrt(freedom) * (1 + t * t / freedom) ** (-(freedom + 1) / 2)
        before, t = t, t + missing / (2 * density)
        if t - before <= PRECISION * t:
            break
    return t


@lru_cache(1024)
def _density(freedom: float) -> float:
    """Return the density at 0 in terms of the angle."""
    return exp(lgamma((freedom + 1) / 2) - lgamma(freedom / 2)) / sqrt(pi)
