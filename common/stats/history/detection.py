"""The two tests that each new session brings: for a step off the level so far, and for a slow drift of it.

Their critical values are simulated (`bench/conclusions/histories.py`), so that both together take less than 1 % of 20
sessions in a row for a change that is none.

Source of the second: Mann, Nonparametric tests against trend (1945); its variance for autocorrelated values follows
Bayley and Hammersley, The effective number of independent observations in an autocorrelated time series (1946).
"""

from math import sqrt

import numpy as np

from common.stats.history.autocorrelation import INFLATION, variance_of_mean
from common.stats.history.noise import Floats, Noise, level

NEWEST = 3
"""Sessions that a step needs at its new level."""
MIN_LEVEL = 3
"""Sessions that a level needs before another step, if earlier levels show the noise."""
MIN_FREEDOM = 5.0
"""Least knowledge of the noise: that of eight sessions at one level."""
WINDOW = 120
"""Sessions of a level that count, the newest. More make no test better, and a level may be as long as a year."""
NEAREST = 1.6
"""Each of the newest sessions counts at most as this multiple of the one nearest to the level."""
STEP, STEP_FEW, FREEDOM_OFFSET = 3.4, 10.0, 2.0
"""Critical value of a step for well-known noise, what little knowledge adds, and from where."""
DRIFT, MIN_DRIFT = 3.3, 20
"""Critical value of a drift, and the sessions it needs."""


UPPER = np.triu(np.ones((WINDOW, WINDOW), bool), 1)
"""The pairs of a window in which the second session is the later one."""


def is_step(values: Floats, earlier: Noise, floor: float) -> bool:
    """Return whether the newest three sessions lie off the level of those before, all on one side of it.

    `values` are the sessions since the last change. `earlier` is the noise of the levels before it. The mean distance
    of the three is compared with its standard error.
    """
    if len(values) < MIN_LEVEL + NEWEST:
        return False
    centre, own = level(values[-WINDOW - NEWEST : -NEWEST])
    allowed = bound(min(len(values) - NEWEST, WINDOW), earlier + own, floor)
    return allowed is not None and _distance(values[-NEWEST:] - centre) > allowed


def bound(n: int, noise: Noise, floor: float) -> float | None:
    """Return how far three sessions must lie from a level of `n` sessions, or None if the noise is too little known."""
    if n < MIN_LEVEL or noise.freedom < MIN_FREEDOM:
        return None
    critical = STEP + STEP_FEW / (noise.freedom - FREEDOM_OFFSET)
    return critical * noise.deviation(floor) * sqrt(variance_of_mean(n) + variance_of_mean(NEWEST))


def _distance(newest: Floats) -> float:
    """Return the mean distance from the level, 0 unless all are on one side. It follows no single outlier, nor two."""
    sizes = np.abs(newest)
    one_side = abs(np.sign(newest).sum()) == NEWEST
    return float(np.minimum(sizes, NEAREST * sizes.min()).mean()) if one_side else 0.0


def is_drift(values: Floats) -> bool:
    """Return whether later sessions are too often above earlier ones, or too often below, for autocorrelated noise."""
    window = values[-WINDOW:]
    n = len(window)
    if n < MIN_DRIFT:
        return False
    rises, later = window > window[:, None], UPPER[:n, :n]
    surplus = np.count_nonzero(rises & later) - np.count_nonzero(rises & later.T)
    return bool(abs(surplus) > DRIFT * sqrt(INFLATION * n * (n - 1) * (2 * n + 5) / 18)
