"""Student's t distribution, for any degrees of freedom from 1.

With x = sqrt(f) tan(a), its density is proportional to cos(a) to the power of f - 1, which is integrated numerically.
"""

from functools import lru_cache
from math import atan, exp, lgamma, pi, sqrt

import numpy as np
from numpy.polynomial.legendre import leggauss

NODES, WEIGHTS = leggauss(96)
HALVINGS = 60
LARGEST = 1e4
"""A quantile beyond every confidence that is asked for."""
MAX_FREEDOM = 500.0
"""Beyond this, the distribution is normal to three digits, and the integrand too narrow for the nodes."""


def p_value(t: float, freedom: float) -> float:
    """Return the probability of a value as far from 0 as `t` on either side."""
    freedom = min(freedom, MAX_FREEDOM)
    low = atan(abs(t) / sqrt(freedom))
    half = (pi / 2 - low) / 2
    tail = float(np.cos(low + half * (NODES + 1)) ** (freedom - 1) @ WEIGHTS) * half
    return min(1.0, tail * 2 / (sqrt(pi) * exp(lgamma(freedom / 2) - lgamma((freedom + 1) / 2))))


@lru_cache(1024)
def quantile(confidence: float, freedom: float) -> float:
    """Return the t that values exceed on neither side with this confidence."""
    low, high = 0.0, LARGEST
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if p_value(middle, freedom) > 1 - confidence else (low, middle)
    return (low + high) / 2
