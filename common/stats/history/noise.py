"""The noise between the sessions of a history, and the centre of a level. Neither follows a single outlier."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from common.stats.history.autocorrelation import degrees_of_freedom

OUTLIER = 3.0
"""Sessions further from their level than this number of standard deviations count as this far."""
ORDINARY = 0.9
"""Share of the sessions that are not outliers."""
NORMAL_LARGEST, NORMAL_MEAN_DEVIATION = 1.6449, 0.7979
"""The value that |x| of a standard normal exceeds in one of ten cases, and its mean."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Noise:
    """Squared deviations of sessions from their levels: their sum, and how many standard variances it is worth."""

    squares: float = 0.0
    freedom: float = 0.0

    def __add__(self, other: "Noise") -> "Noise":
        return Noise(self.squares + other.squares, self.freedom + other.freedom)

    def deviation(self, floor: float) -> float:
        """Return the standard deviation, at least `floor`, because no machine is as steady as equal values suggest."""
        return max((self.squares / self.freedom) ** 0.5 if self.freedom else 0.0, floor)


def level(values: Floats) -> tuple[float, Noise]:
    """Return the centre of the sessions of one level, their mean without the weight of outliers, and their noise."""
    middle = median(values)
    deviations = clipped(values - middle)
    centre = float(deviations.mean())
    squares = float(((deviations - centre) ** 2).sum())
    return middle + centre, Noise(squares, degrees_of_freedom(len(values)))


def clipped(deviations: Floats) -> Floats:
    """Return the deviations with outliers moved to the bound, which nine of ten set.

    More than one odd session in ten is not an outlier: three in a row would then be too frequent for a step. If nine
    of ten are equal, the mean deviation sets the bound.
    """
    sizes = np.abs(deviations)
    largest = float(np.sort(sizes)[int(ORDINARY * (len(sizes) - 1))])
    bound = OUTLIER * (largest / NORMAL_LARGEST or float(sizes.mean()) / NORMAL_MEAN_DEVIATION)
    return np.clip(deviations, -bound, bound)


def median(values: Floats) -> float:
    """Return the median of short series, for which NumPy's takes ten times as long."""
    ordered = np.sort(values)
    return float(ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2
