"""Where a series of measurements changes its level: pure arithmetic.

Optimal partitioning (Jackson et al. 2005) with absolute deviations from each level's median, so that one bad night is
no step; each step has to be worth its price in units of the series' own noise. What it finds are changes that lasted,
not their causes; a slow drift shows as several steps or none.
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

SHORTEST = 2
"""Levels of fewer points are taken for outliers."""
PRICE = (3.0, 2.0)
"""A step costs so much, and so much for each factor e of points, in mean absolute deviations. Chosen by simulation: see
docs/measuring/statistics.md.
"""
NORMAL_MEAN_DEVIATION = 0.7979
"""E|x| of a standard normal."""
NORMAL_MAD = 0.6745
STEADIEST = 0.001
"""Noise below this share of the median is taken for this much: no machine is as steady as three alike values look."""
SMALLEST = 1e-12
"""Noise of a series of zeros, which has to be divided by."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Step:
    """The first point at the new level, and by how much it differs from the one before."""

    at: int
    difference: Difference


def steps(values: Sequence[float], unit: str) -> list[Step]:
    """The steps of a series, first to last; none in fewer than four points. About n³/6 operations."""
    places = [0, *_places(tuple(values)), len(values)]
    levels = [values[start:end] for start, end in pairwise(places)]
    return [
        Step(at, difference(before, after, unit))
        for at, (before, after) in zip(places[1:-1], pairwise(levels), strict=True)
    ]


@lru_cache(64)
def _places(values: tuple[float, ...]) -> tuple[int, ...]:
    n = len(values)
    if n < 2 * SHORTEST:
        return ()
    series = np.array(values)
    costs = _costs(series) / noise(series)
    price = PRICE[0] + PRICE[1] * log(n)
    best, begins = np.full(n + 1, np.inf), np.zeros(n + 1, int)
    best[0] = -price
    for end in range(SHORTEST, n + 1):
        totals = best[: end - SHORTEST + 1] + costs[: end - SHORTEST + 1, end] + price
        begins[end] = int(np.argmin(totals))
        best[end] = totals[begins[end]]
    return _walked_back(begins)


def _walked_back(begins: NDArray[np.int_]) -> tuple[int, ...]:
    found, place = [], int(begins[-1])
    while place > 0:
        found.append(place)
        place = int(begins[place])
    return tuple(reversed(found))


def _costs(series: Floats) -> Floats:
    """For each begin and end, the sum of absolute deviations from the median between them: of the upper half less that
    of the lower.
    """
    n = len(series)
    costs = np.zeros((n + 1, n + 1))
    for length in range(SHORTEST, n + 1):
        half = length // 2
        ordered = np.partition(sliding_window_view(series, length), half, axis=1)
        begins = np.arange(n - length + 1)
        costs[begins, begins + length] = ordered[:, length - half :].sum(axis=1) - ordered[:, :half].sum(axis=1)
    return costs


def noise(series: Floats) -> float:
    """The mean absolute deviation of the series about its levels, from the differences of neighbours: a step is in one
    of those alone.
    """
    typical = float(np.median(np.abs(np.diff(series)))) / NORMAL_MAD / 2**0.5 * NORMAL_MEAN_DEVIATION
    level: float = median(series.tolist())
    return max(typical, STEADIEST * abs(level), SMALLEST)
