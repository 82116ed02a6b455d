"""The difference of two medians, whichever method found it, and what can be concluded from it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from common.stats.intervals.looks import ESTIMATES

PERCENT = 100.0
PERCENT_UNIT = "%"
"""Shares are compared in percentage points: from 50 % to 60 % are ten points."""

Better = Literal["lower", "higher", "neither"]


class Outcome(StrEnum):
    FASTER = "faster"
    SLOWER = "slower"
    BETTER = "better"
    WORSE = "worse"
    DIFFERENT = "different"  # for metrics of which neither direction is better
    UNCLEAR = "no clear difference"
    UNEXPLAINED = "differs in these two sessions"  # how far unchanged sessions lie apart is unknown
    UNEXPLAINED_HERE = "differs in this session"  # the same of two models of one session
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
