"""Noise of runs whose true median is known."""

from collections.abc import Callable, Mapping
from math import exp, log
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Draw = Callable[[np.random.Generator, int], Floats]
"""Draws a number of successive runs, as deviations from the true median in units of the noise."""

SKEW = 0.75
OUTLIERS, OUTLIERS_FROM, OUTLIERS_TO = 0.1, 4.0, 15.0
"""The share of runs that something else slows down, and by how much."""
INDEPENDENT = ("normal", "log-normal", "10 % outliers")
PERCENT = 100


def autocorrelated(rho: float) -> Draw:
    """Return normal noise in which each run resembles the one before."""

    def draw(rng: np.random.Generator, n: int) -> Floats:
        runs = rng.standard_normal(n)
        for run in range(1, n):
            runs[run] = rho * runs[run - 1] + (1 - rho**2) ** 0.5 * runs[run]
        return runs

    return draw


def _log_normal(rng: np.random.Generator, n: int) -> Floats:
    """Draw clearly skewed values of standard deviation 1."""
    deviation = exp(SKEW**2 / 2) * (exp(SKEW**2) - 1) ** 0.5
    return np.asarray((np.exp(SKEW * rng.standard_normal(n)) - 1) / deviation)


def _with_outliers(rng: np.random.Generator, n: int) -> Floats:
    """Draw normal values, some of which are far above: all of them above the median, which is set to 0."""
    far = rng.uniform(OUTLIERS_FROM, OUTLIERS_TO, n)
    values = np.where(rng.random(n) < OUTLIERS, far, rng.standard_normal(n))
    return np.asarray(values - NormalDist().inv_cdf(0.5 / (1 - OUTLIERS)))


NOISES: Mapping[str, Draw] = {
    "normal": autocorrelated(0),
    "log-normal": _log_normal,
    "10 % outliers": _with_outliers,
    "autocorrelation 0.25": autocorrelated(0.25),
    "autocorrelation 0.5": autocorrelated(0.5),
}
TRUTH = 100.0
"""The true median of runs."""


def runs(draw: Draw, rng: np.random.Generator, n: int, percent: float, truth: float = TRUTH) -> list[float]:
    """Return the values of successive runs whose noise is this percentage of their true median."""
    values: list[float] = (truth * np.exp(log(1 + percent / PERCENT) * draw(rng, n))).tolist()
    return values
