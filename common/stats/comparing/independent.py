"""The difference of the runs of two sessions by themselves, for sessions whose spread is unknown.

It says whether these runs differ, and not why. Two sessions may differ as a whole although nothing was changed, and no
number of runs within them can show that: see `between_sessions`.
"""

from collections.abc import Sequence
from math import hypot
from statistics import median

from common.stats.comparing.comparison import Difference
from common.stats.comparing.scales import Bounds, is_relative, normal_detectable, normal_p, scaled, shown
from common.stats.intervals.median_interval import CONFIDENCE, interval


def difference(baseline: Sequence[float], other: Sequence[float], unit: str) -> Difference:
    """Return the difference of the medians of two samples, each of at least one run, both in `unit`.

    The interval combines those of both medians: their distances from the medians add as squares (Zou and Donner,
    Construction of confidence limits about effect measures, 2008). Each sample needs six runs. The order of the samples
    does not matter, and swapping them inverts the result.
    """
    relative = is_relative([*baseline, *other], unit)
    change = scaled(median(other), relative=relative) - scaled(median(baseline), relative=relative)
    before, after = _reach(baseline, relative=relative), _reach(other, relative=relative)
    if before is None or after is None:
        return Difference(shown(change, relative=relative), None, relative)
    bounds = (change - hypot(after[0], before[1]), change + hypot(after[1], before[0]))
    return Difference(
        shown(change, relative=relative),
        (shown(bounds[0], relative=relative), shown(bounds[1], relative=relative)),
        relative,
        p=normal_p(change, bounds, CONFIDENCE),
        detectable=shown(normal_detectable(bounds, CONFIDENCE), relative=relative),
    )


def _reach(samples: Sequence[float], *, relative: bool) -> Bounds | None:
    """Return how far the interval reaches below and above the median, or None for too few samples."""
    found = interval(samples)
    if found is None:
        return None
    low, middle, high = (scaled(value, relative=relative) for value in (found[0], median(samples), found[1]))
    return middle - low, high - middle
