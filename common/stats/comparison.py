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
from numpy.typing import NDArray

RESAMPLES = 2000
CONFIDENCE = 0.95
TAIL = round(RESAMPLES * (1 - CONFIDENCE) / 2)
"""Number of resamples beyond each bound."""
MIN_SAMPLES = 3
PERCENT = 100.0
PERCENT_UNIT = "%"
"""Shares are compared in percentage points: from 50 % to 60 % are ten points."""
CACHE_SIZE = 20_000
"""Comparisons in the cache, of about a kilobyte each."""

Better = Literal["lower", "higher", "neither"]
Draws = NDArray[np.float64]


class Outcome(StrEnum):
    BETTER = "better"
    WORSE = "worse"
    DIFFERENT = "different"  # for metrics of which neither direction is better
    UNCLEAR = "no clear difference"
    TOO_FEW = "too few runs to compare"


@dataclass(frozen=True)
class Difference:
    """The change of a median from the baseline's: in percent if `relative`, else in the metric's unit.

    `interval` is the change's 95 % interval, or None if there are too few runs.
    """

    change: float
    interval: tuple[float, float] | None
    relative: bool

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
    return min(baseline, other) > 0 and 2 / comb(baseline + other, baseline) <= 1 - CONFIDENCE


def difference(baseline: Sequence[float], other: Sequence[float], unit: str) -> Difference:
    """Return the difference of the medians of two samples, each of at least one run, both in `unit`.

    The interval is a percentile bootstrap over both samples. The difference is relative if every value is above 0 and
    the unit is not a share. The order of the samples does not matter, and swapping them inverts the interval.
    """
    return _difference(tuple(sorted(baseline)), tuple(sorted(other)), unit != PERCENT_UNIT)


def interval(samples: Sequence[float]) -> tuple[float, float] | None:
    """Return the 95 % percentile-bootstrap interval of the median, or None for fewer than three samples."""
    return _interval(tuple(sorted(samples))) if len(samples) >= MIN_SAMPLES else None


@lru_cache(CACHE_SIZE)
def _interval(ordered: tuple[float, ...]) -> tuple[float, float]:
    return _bounds(_medians(ordered, 0))


@lru_cache(CACHE_SIZE)
def _difference(baseline: tuple[float, ...], other: tuple[float, ...], scalable: bool) -> Difference:  # noqa: FBT001 - a cache key
    relative = scalable and baseline[0] > 0 and other[0] > 0
    change = _change(_median(baseline), _median(other), relative=relative)
    if not enough(len(baseline), len(other)):
        return Difference(float(change), None, relative)
    first = baseline <= other
    drawn = _change(_medians(baseline, 0 if first else 1), _medians(other, 1 if first else 0), relative=relative)
    return Difference(float(change), _bounds(drawn), relative)


def _bounds(drawn: Draws) -> tuple[float, float]:
    drawn.partition((TAIL, RESAMPLES - 1 - TAIL))
    return float(drawn[TAIL]), float(drawn[-1 - TAIL])


def _change(baseline: Draws, other: Draws, *, relative: bool) -> Draws:
    return PERCENT * (other / baseline - 1) if relative else other - baseline


def _median(ordered: tuple[float, ...]) -> Draws:
    return np.float64((ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2)  # type: ignore[return-value]


def _medians(ordered: tuple[float, ...], stream: int) -> Draws:
    """Return the medians of RESAMPLES samples drawn from this one with replacement."""
    low, high = _ranks(len(ordered), stream)
    values: Draws = np.array(ordered, np.float64)
    middles: Draws = (values[low] + values[high]) / 2
    return middles


@lru_cache(512)
def _ranks(n: int, stream: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return the ranks of the middle two of n ordered values in each resample. For an odd n both are the same.

    Single draws are not needed: the k-th of n uniform numbers has the distribution Beta(k, n + 1 - k), and the next
    larger one that of the smallest of n - k numbers above it. So a thousand runs take as long as ten.
    """
    draw, k = np.random.default_rng([stream, n]), (n + 1) // 2
    lower = draw.beta(k, n + 1 - k, RESAMPLES)
    upper = lower if n % 2 else lower + (1 - lower) * draw.beta(1, n - k, RESAMPLES)
    low, high = (np.minimum((n * u).astype(np.int32), n - 1) for u in (lower, upper))
    return low, high
