"""The line through a drift: the median of all slopes, which no single outlier bends (Theil 1950, Sen 1968)."""

from dataclasses import dataclass

import numpy as np

from common.stats.history.autocorrelation import INFLATION
from common.stats.history.noise import Floats, Noise, level


@dataclass(frozen=True)
class Line:
    """The line's values at the first and the last session, and the noise about it."""

    first: float
    last: float
    noise: Noise

    @property
    def rise(self) -> float:
        return self.last - self.first


def line(values: Floats) -> Line:
    """Return the line through at least two sessions in a row."""
    at = np.arange(len(values))
    earlier, later = np.triu_indices(len(values), 1)
    slope = float(np.median((values[later] - values[earlier]) / (later - earlier)))
    offset, noise = level(values - slope * at)
    return Line(offset, offset + slope * (len(values) - 1), noise)


def variance_of_rise(n: int) -> float:
    """Return the variance of the rise of a line through `n` sessions, in units of the variance of one."""
    return 12 * INFLATION * (n - 1) / (n * (n + 1))
