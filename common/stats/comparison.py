"""The difference of two samples of independent runs: the change of the median, with its interval.

An interval describes only these runs. Two sessions may also differ because something affected one of them as a whole,
and no number of runs within them can show that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from math import comb
from typing import Literal

import numpy as np

from common.stats import bootstrap
from common.stats.looks import ESTIMATES

PERCENT = 100.0
PERCENT_UNIT = "%"
"""Shares are compared in percentage points: from 50 % to 60 % are ten points."""
CACHE_SIZE = 20_000
"""Comparisons in the cache, of about a kilobyte each."""

Better = Literal["lower", "higher", "neither"]


class Outcome(StrEnum):
    FASTER = "faster"
    SLOWER = "slower"
    BETTER = "better"
    WORSE = "worse"
    DIFFERENT = "different"  # for metrics of which neither direction is better
    UNCLEAR = "no clear difference"
    UNEXPLAINED = "differs in these two sessions"  # how far unchanged sessions lie apart is unknown
    TOO_FEW = "too few runs to compare"
    INCOMPARABLE = "not comparable"


@dataclass(frozen=True)
class Difference:
    """The change of a median from the baseline's: in percent if `relative`, else in the metric's unit.

    `interval` is the change's interval, or None if there are too few runs. It leaves out the true change with the
    probability `level`. `p` is the probability of a difference as clear as this one if nothing was changed.
    `detectable` is the smallest change that is found in four of five comparisons such as this one. Both are None if
    they are unknown.
    """

    change: float
    interval: tuple[float, float] | None
    relative: bool
    level: float = ESTIMATES
    p: float | None = None
    detectable: float | None = None

    def outcome(self, better: Better) -> Outcome:
        """Return the conclusion, for a metric of which this direction is better."""
        if self.interval is None:
            return Outcome.TOO_FEW
        low, high = self.interval
        if low <= 0 <= high:
            return Outcome.UNCLEAR
        if better == "neither":
            return Outcome.DIFFERENT
        return Outcome.BETTER if (low > 0) == (better == "higher") else Outcome.WORSE


def enough(baseline: int, other: int) -> bool:
    """Return whether these numbers of runs can show a difference.

    Samples without overlap must be less than 5 % likely by chance. That holds for three against five or four against
    four runs, but not for three against three, of which one in ten has no overlap.
    """
    return min(baseline, other) > 0 and 2 / comb(baseline + other, baseline) <= 1 - bootstrap.CONFIDENCE


def difference(baseline: Sequence[float], other: Sequence[float], unit: str) -> Difference:
    """Return the difference of the medians of two samples, each of at least one run, both in `unit`.

    The interval is a percentile bootstrap over both samples. The difference is relative if every value is above 0 and
    the unit is not a share. The order of the samples does not matter, and swapping them inverts the interval.
    """
    return _difference(tuple(sorted(baseline)), tuple(sorted(other)), unit != PERCENT_UNIT)


@lru_cache(CACHE_SIZE)
def _difference(baseline: tuple[float, ...], other: tuple[float, ...], scalable: bool) -> Difference:  # noqa: FBT001 - a cache key
    relative = scalable and baseline[0] > 0 and other[0] > 0
    change = _change(_median(baseline), _median(other), relative=relative)
    if not enough(len(baseline), len(other)):
        return Difference(float(change), None, relative)
    first = baseline <= other
    drawn = _change(
        bootstrap.medians(baseline, 0 if first else 1), bootstrap.medians(other, 1 if first else 0), relative=relative
    )
    return Difference(float(change), bootstrap.bounds(drawn), relative)


def _change(baseline: bootstrap.Draws, other: bootstrap.Draws, *, relative: bool) -> bootstrap.Draws:
    return PERCENT * (other / baseline - 1) if relative else other - baseline


def _median(ordered: tuple[float, ...]) -> bootstrap.Draws:
    return np.float64((ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2)  # type: ignore[return-value]
