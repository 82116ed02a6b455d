"""A line through quantities whose noise grows with them, such as durations.

Weighted least squares: each residual counts in relation to its quantity, so a long duration does not outweigh the short
ones (Aitken, On least squares and linear combination of observations, 1936).
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np


class Line(NamedTuple):
    """The value at 0, and the growth per unit."""

    fixed: float
    slope: float


def fit(points: Sequence[tuple[float, float]]) -> Line | None:
    """Return the line through points (x, y), or None if fewer than two different x are known. Each y is above 0."""
    if len({x for x, _ in points}) < 2:  # noqa: PLR2004 - a line needs two points
        return None
    relative = [(1 / y, x / y) for x, y in points]
    found = np.linalg.lstsq(np.array(relative), np.ones(len(points)), rcond=None)[0]
    return Line(float(found[0]), float(found[1]))
