"""The difference of two things measured in turn: the median of the changes within each block, with its interval.

What affects a block as a whole, such as a warm machine, affects both runs of a pair alike and cancels out. Pairs are
assumed to be independent of each other.
"""

from collections.abc import Sequence
from math import expm1, log
from statistics import median

from common.stats import median_interval
from common.stats.comparison import PERCENT, PERCENT_UNIT, Difference


def difference(baseline: Sequence[float], other: Sequence[float], unit: str, confidence: float) -> Difference:
    """Return the change from `baseline` to `other`, both in `unit`, paired by position: one pair of runs a block.

    It is the median of the log ratios, or of the plain differences if the unit is a share or a value is not above 0.
    Swapping both inverts it, and the order of the pairs does not matter. The interval contains the median change with
    this confidence. It is None if there are too few pairs for that.

    Raises:
        ValueError: if the lengths differ.
        statistics.StatisticsError: if there are no pairs.
    """
    relative = unit != PERCENT_UNIT and min(*baseline, *other, 1) > 0
    changes = [_change(*pair, relative=relative) for pair in zip(baseline, other, strict=True)]
    bounds = median_interval.interval(changes, confidence)
    return Difference(
        _shown(median(changes), relative=relative),
        bounds and (_shown(bounds[0], relative=relative), _shown(bounds[1], relative=relative)),
        relative,
    )


def _change(baseline: float, other: float, *, relative: bool) -> float:
    return log(other / baseline) if relative else other - baseline


def _shown(change: float, *, relative: bool) -> float:
    """Return a change in percent if it is a log ratio."""
    return PERCENT * expm1(change) if relative else change
