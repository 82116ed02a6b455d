"""Levels of a history that are remembered when their sessions have left it: their comparison."""

from dataclasses import dataclass
from math import hypot, log

from common.stats.comparing.comparison import Difference
from common.stats.history.scale import Scale


@dataclass(frozen=True)
class KnownLevel:
    """A level's value and its 95 % interval, in the metric's unit."""

    value: float
    interval: tuple[float, float]


def difference(before: KnownLevel, after: KnownLevel, *, relative: bool) -> Difference:
    """Return the change from one level to another, in percent if `relative`.

    Their errors are independent, because no session belongs to two levels.
    """
    scale = Scale(relative=relative, floor=0.0, smallest=0.0)
    (old, old_reach), (new, new_reach) = (_scaled(level, relative=relative) for level in (before, after))
    return scale.difference(new - old, hypot(old_reach, new_reach))


def _scaled(level: KnownLevel, *, relative: bool) -> tuple[float, float]:
    """Return the value and half the interval, on the scale on which errors are as large on both sides."""
    low, middle, high = level.interval[0], level.value, level.interval[1]
    if relative:
        low, middle, high = log(low), log(middle), log(high)
    return middle, (high - low) / 2
