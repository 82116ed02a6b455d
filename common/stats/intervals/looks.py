"""When a series of runs is looked at, and how confidently, so that stopping early keeps the confidence of the whole.

Each look at which a series may end is another chance to be wrong. All looks have the same nominal level, which is
stricter than that of the whole (Pocock, Group sequential methods in the design and analysis of clinical trials, 1977).
"""

from functools import lru_cache
from itertools import pairwise
from math import ceil
from statistics import NormalDist

import numpy as np
from numpy.polynomial.legendre import leggauss
from numpy.typing import NDArray

FIRST = 8
"""Runs at the first look, at least. Fewer runs give no interval at the confidence that several looks need."""
STEP, FAR_STEP, FAR = 4, 10, 20
"""Runs from one look to the next, up to FAR runs and beyond."""
MAX_FAR_LOOKS = 16
"""Looks beyond FAR runs. A very long series is looked at more rarely."""
ESTIMATES, VERDICTS = 0.05, 0.01
"""How often the whole may be wrong: an interval of a median, or a verdict on two things measured in turn."""
NODES, WEIGHTS = leggauss(96)
LARGEST = 8.0
"""A critical value beyond those of any level and number of looks."""
SMALLEST = 1e-15
"""Smaller error probabilities than this are 0."""
STEPS = 40
"""Halvings in the search for the critical value."""

Floats = NDArray[np.float64]


def looks(minimum: int, maximum: int) -> list[int]:
    """Return the numbers of runs after which a series may end, in order. The last is `maximum`."""
    far_step = max(FAR_STEP, ceil((maximum - FAR) / MAX_FAR_LOOKS))
    found, runs = [], max(minimum, FIRST)
    while runs < maximum:
        found.append(runs)
        runs += STEP if runs < FAR else far_step
    return [*found, maximum]


@lru_cache(128)
def confidence(minimum: int, maximum: int, level: float = ESTIMATES) -> float:
    """Return the nominal confidence of the interval at each look, for this level of the whole."""
    at = looks(minimum, maximum)
    low, high = 0.0, LARGEST
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if 1 - _within(at, middle) < level else (middle, high)
    return 2 * NormalDist().cdf(high) - 1


def whole(minimum: int, maximum: int, nominal: float) -> float:
    """Return the error probability of the whole, if each look has this `nominal` one."""
    critical = NormalDist().inv_cdf(1 - nominal / 2) if nominal > SMALLEST else LARGEST
    return max(0.0, 1 - _within(looks(minimum, maximum), critical))


def _within(at: list[int], critical: float) -> float:
    """Return the probability that a sum of n standard normals stays within `critical` sqrt(n) at each n of `at`.

    It integrates the density of the sums that stayed within so far, look by look (Armitage, McPherson and Rowe,
    Repeated significance tests on accumulating data, 1969).
    """
    sums, density = _nodes(at[0], critical), _normal(_nodes(at[0], critical), at[0])
    for before, n in pairwise(at):
        mass = density * WEIGHTS * critical * before**0.5
        following = _nodes(n, critical)
        density, sums = _normal(following[:, None] - sums, n - before) @ mass, following
    return float(density @ WEIGHTS * critical * at[-1] ** 0.5)


def _nodes(n: int, critical: float) -> Floats:
    found: Floats = NODES * critical * n**0.5
    return found


def _normal(values: Floats, variance: int) -> Floats:
    density: Floats = np.exp(-values * values / (2 * variance)) / (2 * np.pi * variance) ** 0.5
    return density
