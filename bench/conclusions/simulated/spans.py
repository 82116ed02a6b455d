"""Comparisons of two spans of time: how often equal ones are said to differ, and true changes are found."""

from collections.abc import Iterator
from math import log1p

import numpy as np

from bench.conclusions.simulated.comparisons import METRIC, detectable, differing, worse
from bench.conclusions.simulated.noises import PERCENT, TRUTH, autocorrelated
from bench.conclusions.table import Row
from common.stats.comparing.between_spans import difference
from common.stats.comparing.comparison import Difference
from common.stats.intervals.median_interval import CONFIDENCE

SPREAD = 0.01
SESSIONS = (3, 5, 10, 30)
"""Sessions of each span."""
AUTOCORRELATIONS = (0.0, 0.25, 0.5)
SMALL, LARGE = 3, 5
"""True changes in percent."""
SAID = 1 - CONFIDENCE
"""How often equal spans may be said to differ."""
FOUND, FOUND_FROM = 0.95, 5
"""How often a large change is found, with at least this many sessions a span."""


def spans(cases: int) -> Iterator[Row]:
    """Yield the rates by the sessions of each span and by how much a session resembles the one before."""
    yield (
        "sessions a span",
        "autocorrelation",
        "equal: said to differ",
        *(f"{percent} % slower: found" for percent in (SMALL, LARGE)),
        "detectable",
    )
    for count in SESSIONS:
        for rho in AUTOCORRELATIONS:
            equal, small, large = (_pairs(count, rho, slower, cases) for slower in (0, SMALL, LARGE))
            promised = FOUND if count >= FOUND_FROM else None
            yield (
                str(count),
                f"{rho:g}",
                differing(equal, SAID),
                worse(small),
                worse(large, promised),
                detectable(equal),
            )


def _pairs(count: int, rho: float, slower: float, cases: int) -> list[Difference]:
    """Compare two spans that follow each other, the second of which is slower by these percent."""
    rng, draw = np.random.default_rng(5), autocorrelated(rho)
    step = log1p(-slower / PERCENT) * (np.arange(2 * count) >= count)
    medians = (TRUTH * np.exp(SPREAD * draw(rng, 2 * count) + step) for _ in range(cases))
    return [difference(each[:count].tolist(), each[count:].tolist(), METRIC.unit) for each in medians]
