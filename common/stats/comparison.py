"""How two samples of independent runs differ: the change of the median, with its interval. Pure arithmetic.

An interval tells of these runs alone. Two sessions may also differ by what befell one of them as a whole, and no
number of runs within them shows that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from math import comb
from typing import Literal

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 2000
CONFIDENCE = 0.95
CUT = round(RESAMPLES * (1 - CONFIDENCE) / 2)
"""So many resamples lie beyond either bound."""
INTERVAL_FROM = 3
WHOLE = 100.0
POINTS = "%"
"""Shares are not put into shares of each other: from 50 % to 60 % are ten points."""
KEPT = 20_000
"""Comparisons that are remembered, of about a kilobyte each."""

Better = Literal["lower", "higher", "neither"]
Draws = NDArray[np.float64]


class Outcome(StrEnum):
    BETTER = "better"
    WORSE = "worse"
    DIFFERENT = "different"  # of what is neither better nor worse
    UNCLEAR = "no clear difference"
    TOO_FEW = "too few runs to tell"


@dataclass(frozen=True)
class Difference:
    """By how much a median is above the baseline's: in percent of that where `relative`, else in the metric's unit.
    `interval` is the change's 95 % interval, None where there are too few runs for one.
    """

    change: float
    interval: tuple[float, float] | None
    relative: bool

    def word(self, better: Better) -> Outcome:
        """What a reader may conclude, for a metric of which more or less is better."""
        if self.interval is None:
            return Outcome.TOO_FEW
        low, high = self.interval
        if low <= 0 <= high:
            return Outcome.UNCLEAR
        if better == "neither":
            return Outcome.DIFFERENT
        return Outcome.BETTER if (low > 0) == (better == "higher") else Outcome.WORSE


def enough(baseline: int, other: int) -> bool:
    """Whether so many runs could tell at all: whether samples that do not overlap were less than 5 % likely by chance.

    Of three runs against three one in ten is so ordered; three against five, or four against four, do.
    """
    return min(baseline, other) > 0 and 2 / comb(baseline + other, baseline) <= 1 - CONFIDENCE


def difference(baseline: Sequence[float], other: Sequence[float], unit: str) -> Difference:
    """The difference of the medians of two samples, each of one run or more, both in `unit`.

    Percentile bootstrap over both samples. It is relative where every value is above 0 and the unit is no share. The
    same samples give the same interval, in whatever order they came; exchanged, they give its inverse.
    """
    return _difference(tuple(sorted(baseline)), tuple(sorted(other)), unit != POINTS)


def interval(samples: Sequence[float]) -> tuple[float, float] | None:
    """The 95 % percentile-bootstrap interval of the median; None from fewer than three samples."""
    return _interval(tuple(sorted(samples))) if len(samples) >= INTERVAL_FROM else None


@lru_cache(KEPT)
def _interval(ordered: tuple[float, ...]) -> tuple[float, float]:
    return _bounds(_medians(ordered, 0))


@lru_cache(KEPT)
def _difference(baseline: tuple[float, ...], other: tuple[float, ...], share: bool) -> Difference:  # noqa: FBT001 - a key
    relative = share and baseline[0] > 0 and other[0] > 0
    change = _change(_median(baseline), _median(other), relative=relative)
    if not enough(len(baseline), len(other)):
        return Difference(float(change), None, relative)
    first = baseline <= other
    drawn = _change(_medians(baseline, 0 if first else 1), _medians(other, 1 if first else 0), relative=relative)
    return Difference(float(change), _bounds(drawn), relative)


def _bounds(drawn: Draws) -> tuple[float, float]:
    drawn.partition((CUT, RESAMPLES - 1 - CUT))
    return float(drawn[CUT]), float(drawn[-1 - CUT])


def _change(baseline: Draws, other: Draws, *, relative: bool) -> Draws:
    return WHOLE * (other / baseline - 1) if relative else other - baseline


def _median(ordered: tuple[float, ...]) -> Draws:
    return np.float64((ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2)  # type: ignore[return-value]


def _medians(ordered: tuple[float, ...], stream: int) -> Draws:
    """The medians of RESAMPLES samples drawn from this one with replacement."""
    low, high = _ranks(len(ordered), stream)
    values: Draws = np.array(ordered, np.float64)
    middles: Draws = (values[low] + values[high]) / 2
    return middles


@lru_cache(512)
def _ranks(n: int, stream: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Which of n ordered values are the middle two of each resample; for an odd n they are one.

    The draws are not made one by one: the k-th of n uniform numbers is distributed as Beta(k, n + 1 - k), and the next
    above it lies, on what is left, where the least of n - k lies. So a thousand runs cost what ten do.
    """
    draw, k = np.random.default_rng([stream, n]), (n + 1) // 2
    lower = draw.beta(k, n + 1 - k, RESAMPLES)
    upper = lower if n % 2 else lower + (1 - lower) * draw.beta(1, n - k, RESAMPLES)
    low, high = (np.minimum((n * u).astype(np.int32), n - 1) for u in (lower, upper))
    return low, high
