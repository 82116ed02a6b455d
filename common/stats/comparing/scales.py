"""The scale on which two medians are compared: logarithms, or the metric's own unit.

On a logarithmic scale a change does not depend on the unit, and swapping both medians turns its sign.
"""

from collections.abc import Iterable
from functools import lru_cache
from math import erfc, expm1, isfinite, log, sqrt
from statistics import NormalDist

from common.stats.comparing.comparison import PERCENT, PERCENT_UNIT

POWER = 0.8
"""How often a change of the smallest detectable size is found."""

Bounds = tuple[float, float]


def is_relative(values: Iterable[float], unit: str) -> bool:
    """Return whether changes are ratios: the values are above 0, and the unit is not a share."""
    return unit != PERCENT_UNIT and min(values, default=0) > 0


def scaled(value: float, *, relative: bool) -> float:
    return log(value) if relative else value


def changed(before: float, after: float, *, relative: bool) -> float:
    """Return the change on the scale. Two infinite values are taken to be equal."""
    return 0.0 if before == after else scaled(after, relative=relative) - scaled(before, relative=relative)


def shown(change: float, *, relative: bool) -> float:
    """Return a change in percent if it is a difference of logarithms."""
    return PERCENT * expm1(change) if relative else change


def normal_p(change: float, bounds: Bounds, confidence: float) -> float:
    """Return the p-value of a change whose interval with this confidence is `bounds`, as if it were normal.

    It agrees with the interval: it is below 1 - confidence if 0 is outside.
    """
    if not isfinite(change) or not change:
        return 0.0 if bounds[0] > 0 or bounds[1] < 0 else 1.0
    reach = change - bounds[0] if change > 0 else bounds[1] - change
    return erfc(abs(change) * quantile(confidence) / reach / sqrt(2)) if reach > 0 else 0.0


def normal_detectable(bounds: Bounds, confidence: float) -> float:
    """Return the smallest change that is found with POWER by an interval as wide as this one."""
    reach = (bounds[1] - bounds[0]) / 2
    return reach * (1 + NormalDist().inv_cdf(POWER) / quantile(confidence))


@lru_cache
def quantile(confidence: float) -> float:
    """Return the standard normal value that is exceeded on neither side with this confidence."""
    return NormalDist().inv_cdf((1 + confidence) / 2)
