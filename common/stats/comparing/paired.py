"""The difference of two things measured in turn: the median of the changes within each block, with its interval.

What affects a block as a whole, such as a warm machine, affects both runs of a pair alike and cancels out. Pairs are
assumed to be independent of each other.
"""

from collections.abc import Sequence
from dataclasses import replace
from statistics import median

from common.stats.comparing.comparison import Difference
from common.stats.comparing.scales import changed, is_relative, normal_detectable, normal_p, shown
from common.stats.intervals import looks, median_interval


def difference(baseline: Sequence[float], other: Sequence[float], unit: str, confidence: float) -> Difference:
    """Return the change from `baseline` to `other`, both in `unit`, paired by position: one pair of runs a block.

    It is the median of the log ratios, or of the plain differences if the unit is a share or a value is not above 0.
    Swapping both inverts it, and the order of the pairs does not matter. The interval contains the median change with
    this confidence. It is None if there are too few pairs for that. A censored value is infinite, and so may a change
    be.

    Raises:
        ValueError: if the lengths differ.
        statistics.StatisticsError: if there are no pairs.
    """
    relative = is_relative([*baseline, *other], unit)
    pairs = zip(baseline, other, strict=True)
    changes = [changed(before, after, relative=relative) for before, after in pairs]
    change, bounds = median(changes), median_interval.interval(changes, confidence)
    level = 1 - confidence
    if bounds is None:
        return Difference(shown(change, relative=relative), None, relative, level)
    return Difference(
        shown(change, relative=relative),
        (shown(bounds[0], relative=relative), shown(bounds[1], relative=relative)),
        relative,
        level,
        p=normal_p(change, bounds, confidence),
        detectable=shown(normal_detectable(bounds, confidence), relative=relative),
    )


def verdict(baseline: Sequence[float], other: Sequence[float], unit: str, minimum: int, maximum: int) -> Difference:
    """Return the same for series that were looked at from `minimum` to `maximum` runs, at the level of the whole."""
    found = difference(baseline, other, unit, looks.confidence(minimum, maximum, looks.VERDICTS))
    whole = None if found.p is None else looks.whole(minimum, maximum, found.p)
    return replace(found, level=looks.VERDICTS, p=whole)
