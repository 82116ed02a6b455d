"""Change points: where a series of measurements changes its level.

The method is optimal partitioning (Jackson et al. 2005) with absolute deviations from each level's median, so one
outlier is not a step. Each step must reduce the deviations by more than its penalty, in units of the series' own noise.
It finds lasting changes, not their causes. A slow drift appears as several steps or none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import log
from statistics import median

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from common.stats.comparison import Difference, difference

MIN_LENGTH = 2
"""Shorter levels count as outliers."""
PENALTY = (3.0, 2.0)
"""The penalty of a step, and its increase for each factor e of points, in mean absolute deviations. The values come
from a simulation: see docs/measuring/statistics.md.
"""
NORMAL_MEAN_DEVIATION = 0.7979
"""E|x| of a standard normal."""
NORMAL_MAD = 0.6745
MIN_RELATIVE_NOISE = 0.001
"""Smallest noise as a share of the median, because no machine is as steady as three equal values suggest."""
MIN_NOISE = 1e-12
"""Noise of a series of zeros, to avoid a division by zero."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Step:
    """The first point at a new level, and the level's difference from the previous one."""

    at: int
    difference: Difference


def steps(values: Sequence[float], unit: str) -> list[Step]:
    """Return the steps of a series in order, in about n³/6 operations. Fewer than four points have no step."""
    bounds = [0, *_change_points(tuple(values)), len(values)]
    levels = [values[start:end] for start, end in pairwise(bounds)]
    return [
        Step(at, difference(before, after, unit))
        for at, (before, after) in zip(bounds[1:-1], pairwise(levels), strict=True)
    ]


@lru_cache(64)
def _change_points(values: tuple[float, ...]) -> tuple[int, ...]:
    n = len(values)
    if n < 2 * MIN_LENGTH:
        return ()
    series = np.array(values)
    costs = _costs(series) / noise(series)
    penalty = PENALTY[0] + PENALTY[1] * log(n)
    best, begins = np.full(n + 1, np.inf), np.zeros(n + 1, int)
    best[0] = -penalty
    for end in range(MIN_LENGTH, n + 1):
        totals = best[: end - MIN_LENGTH + 1] + costs[: end - MIN_LENGTH + 1, end] + penalty
        begins[end] = int(np.argmin(totals))
        best[end] = totals[begins[end]]
    return _trace_back(begins)


def _trace_back(begins: NDArray[np.int_]) -> tuple[int, ...]:
    found, begin = [], int(begins[-1])
    while begin > 0:
        found.append(begin)
        begin = int(begins[begin])
    return tuple(reversed(found))


def _costs(series: Floats) -> Floats:
    """Return the sum of absolute deviations from the median, for each begin and end of a level.

    It is the sum of the upper half minus the sum of the lower half.
    """
    n = len(series)
    costs = np.zeros((n + 1, n + 1))
    for length in range(MIN_LENGTH, n + 1):
        half = length // 2
        ordered = np.partition(sliding_window_view(series, length), half, axis=1)
        begins = np.arange(n - length + 1)
        costs[begins, begins + length] = ordered[:, length - half :].sum(axis=1) - ordered[:, :half].sum(axis=1)
    return costs


def noise(series: Floats) -> float:
    """Return the mean absolute deviation of the series from its levels.

    It comes from the differences of neighbours, because a step affects only one of them.
    """
    typical = float(np.median(np.abs(np.diff(series)))) / NORMAL_MAD / 2**0.5 * NORMAL_MEAN_DEVIATION
    level: float = median(series.tolist())
    return max(typical, MIN_RELATIVE_NOISE * abs(level), MIN_NOISE)
