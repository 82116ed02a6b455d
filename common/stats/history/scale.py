"""The scale on which sessions are evaluated: logarithms where all values are positive, so that a step is a share."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, expm1

import numpy as np

from common.stats.comparing.comparison import PERCENT, PERCENT_UNIT, Difference
from common.stats.history.noise import Floats

MIN_RELATIVE_NOISE = 0.001
"""Smallest noise as a share of the median, because no machine is as steady as three equal values suggest."""
MIN_NOISE = 1e-12
"""Noise of a series of zeros, to avoid a division by zero."""
SMALLEST = 1e-6
"""A value that was positive and becomes 0 counts as this share of the first ones' smallest."""


@dataclass(frozen=True)
class Scale:
    """`relative` values are logarithms. `floor` is the least noise, on this scale."""

    relative: bool
    floor: float
    smallest: float

    def of(self, values: Sequence[float]) -> Floats:
        series = np.array(values, float)
        return np.log(np.maximum(series, self.smallest)) if self.relative else series

    def value(self, scaled: float) -> float:
        """Return the metric's value."""
        return exp(scaled) if self.relative else scaled

    def difference(self, change: float, reach: float) -> Difference:
        """Return a change and its interval, which reaches as far on both sides, in percent or the metric's unit."""
        low, middle, high = (PERCENT * expm1(one) if self.relative else one for one in _around(change, reach))
        return Difference(middle, (low, high), self.relative)

    def interval(self, centre: float, reach: float) -> tuple[float, float]:
        return self.value(centre - reach), self.value(centre + reach)


def _around(centre: float, reach: float) -> tuple[float, float, float]:
    return centre - reach, centre, centre + reach


def scale_of(first: Sequence[float], unit: str) -> Scale:
    """Return the scale of a history by its first sessions, which later ones do not change. Shares stay as they are."""
    if unit != PERCENT_UNIT and min(first, default=0.0) > 0:
        return Scale(relative=True, floor=MIN_RELATIVE_NOISE, smallest=SMALLEST * min(first))
    typical = abs(float(np.median(np.array(first)))) if first else 0.0
    return Scale(relative=False, floor=max(MIN_RELATIVE_NOISE * typical, MIN_NOISE), smallest=0.0)
