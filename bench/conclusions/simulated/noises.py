"""Noise of runs whose true median is known."""

from collections.abc import Callable, Mapping
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Draw = Callable[[np.random.Generator, int], Floats]
"""Draws successive runs, as deviations from the true median in units of the noise."""

TRUTH = 100.0
"""The true median of runs."""
PERCENT = 100


def autocorrelated(rho: float) -> Draw:
    """Return normal noise of variance 1 in which each run resembles the one before."""

    def draw(rng: np.random.Generator, n: int) -> Floats:
        noise = rng.standard_normal(n)
        for run in range(1, n):
            noise[run] = rho * noise[run - 1] + (1 - rho**2) ** 0.5 * noise[run]
        return noise

    return draw


def _with_outliers(rng: np.random.Generator, n: int) -> Floats:
    """Draw noise of which 5 % deviates five times as far, to either side."""
    noise = rng.standard_normal(n)
    return np.where(rng.random(n) < 0.05, 5 * noise, noise)  # noqa: PLR2004


def _with_slow_runs(rng: np.random.Generator, n: int) -> Floats:
    """Draw noise of which 10 % is far below the rest, shifted so that its median is 0."""
    share = 0.1
    noise = np.where(rng.random(n) < share, -rng.uniform(4, 15, n), rng.standard_normal(n))
    return np.asarray(noise + NormalDist().inv_cdf(0.5 / (1 - share)))


def _skewed(rng: np.random.Generator, n: int) -> Floats:
    """Draw log-normal noise with the median 0."""
    return np.asarray(np.expm1(0.5 * rng.standard_normal(n)) / 0.5)


NORMAL, FAR_SLOWER = "normal", "10 % far slower"
INDEPENDENT: Mapping[str, Draw] = {
    NORMAL: autocorrelated(0),
    "log-normal": _skewed,
    "5 % outliers": _with_outliers,
    FAR_SLOWER: _with_slow_runs,
}
"""Noise of runs that do not depend on each other."""
NOISES: Mapping[str, Draw] = {
    **INDEPENDENT,
    "autocorrelation 0.25": autocorrelated(0.25),
    "autocorrelation 0.5": autocorrelated(0.5),
}


def in_blocks(rho: float, points: int) -> Draw:
    """Return the noise of the runs of one of several points, of a machine whose runs each resemble the one before.

    The points are measured in blocks of random order.
    """

    def draw(rng: np.random.Generator, n: int) -> Floats:
        turns = np.arange(n) * points + rng.integers(points, size=n)
        chosen: Floats = autocorrelated(rho)(rng, n * points)[turns]
        return chosen

    return draw


FOUR_POINTS = "autocorrelation 0.5, 4 points in blocks"
IN_BLOCKS: Mapping[str, Draw] = {
    "autocorrelation 0.5, 2 points in blocks": in_blocks(0.5, 2),
    FOUR_POINTS: in_blocks(0.5, 4),
}


def runs(draw: Draw, rng: np.random.Generator, n: int, percent: float, truth: float = TRUTH) -> list[float]:
    """Return the values of successive runs whose noise is this percentage of their true median."""
    values: list[float] = (truth * (1 + percent / PERCENT * draw(rng, n))).tolist()
    return values
