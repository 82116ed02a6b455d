"""The percentile bootstrap of the median, seeded, so that the same samples always give the same interval."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 2000
CONFIDENCE = 0.95
TAIL = round(RESAMPLES * (1 - CONFIDENCE) / 2)
"""Number of resamples beyond each bound."""
MIN_SAMPLES = 3
CACHE_SIZE = 20_000
"""Intervals in the cache, of about a kilobyte each."""

Draws = NDArray[np.float64]


def interval(samples: Sequence[float]) -> tuple[float, float] | None:
    """Return the 95 % percentile-bootstrap interval of the median, or None for fewer than three samples.

    The order of the samples does not matter.
    """
    return _interval(tuple(sorted(samples))) if len(samples) >= MIN_SAMPLES else None


@lru_cache(CACHE_SIZE)
def _interval(ordered: tuple[float, ...]) -> tuple[float, float]:
    return bounds(medians(ordered, 0))


def bounds(drawn: Draws) -> tuple[float, float]:
    """Return the bounds that leave the same number of `drawn` values, TAIL, outside on each side."""
    drawn.partition((TAIL, RESAMPLES - 1 - TAIL))
    return float(drawn[TAIL]), float(drawn[-1 - TAIL])


def medians(ordered: tuple[float, ...], stream: int) -> Draws:
    """Return the medians of RESAMPLES samples drawn from this one with replacement. Each `stream` draws others."""
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
