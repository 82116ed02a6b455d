"""The shape of a change that a test has found: a step, or a drift that began at some session and goes on.

Both are fitted by least squares, and the smaller remainder decides. Each has three parameters, so neither is favoured.
"""

import numpy as np
import numpy.ma  # the first call of np.median would import it, while a reader waits
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from common.stats.history.detection import MIN_LEVEL, NEWEST
from common.stats.history.noise import Floats

MIN_DRIFT = 14
"""Sessions that a drift lasts at least. What moves faster is a step."""


def shape(values: Floats) -> tuple[bool, int]:
    """Return whether the sessions since the last change drift, and the first of the drift or of the new level."""
    smooth = _without_outliers(values)
    splits = np.arange(min(MIN_LEVEL, len(values) - NEWEST), len(values) - NEWEST + 1)
    steps = _remainders(smooth, np.arange(len(values)) >= splits[:, None])
    begins = np.arange(max(len(values) - MIN_DRIFT, 0) + 1)
    ramps = _remainders(smooth, np.maximum(np.arange(len(values)) - begins[:, None], 0))
    if len(values) < MIN_DRIFT or steps.min() <= ramps.min():
        return False, int(splits[steps.argmin()])
    begin = int(begins[ramps.argmin()])
    return True, begin if begin >= MIN_LEVEL else 0


def _remainders(values: Floats, shapes: NDArray[np.generic]) -> Floats:
    """Return, for each row of `shapes`, the sum of squares that a multiple of it and a constant leave of the values."""
    centred = values - values.mean()
    rows = shapes - shapes.mean(axis=1, keepdims=True)
    explained: Floats = (rows @ centred) ** 2 / (rows**2).sum(axis=1)
    return float((centred**2).sum()) - explained


def _without_outliers(values: Floats) -> Floats:
    """Return the running median of three sessions, which keeps steps and drifts."""
    padded = np.pad(values, 1, mode="edge")
    smooth: Floats = np.median(sliding_window_view(padded, 3), axis=1)
    return smooth
