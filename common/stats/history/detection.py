"""The two tests that each new session brings: for a step off the level so far, and for a slow drift of it.

Their critical values come from simulation: both together find a change that is none in less than 1 % of 20 sessions in
a row. `bench/conclusions/simulated/histories.py` prints the rates.

Source of the second: Mann, Nonparametric tests against trend (1945); its variance for autocorrelated values follows
Bayley and Hammersley, The effective number of independent observations in an autocorrelated time series (1946).
"""

from collections.abc import Mapping
from math import sqrt

import numpy as np

from common.stats.history.autocorrelation import INFLATION, variance_of_mean
from common.stats.history.noise import Floats, Noise, level

NEWEST = 3
"""Sessions that a step needs at its new level."""
WINDOWS: Mapping[int, tuple[float, float]] = {NEWEST: (3.45, 9.0), 8: (3.7, 22.0), 24: (3.7, 22.0)}
"""The newest sessions that are compared with those before them: few for a large step, more for a smaller one.

With each, the critical value of well-known noise, and what little knowledge of it adds.
"""
FREEDOM_OFFSET = 2.0
MIN_LEVEL = 3
"""Sessions that a level needs before another step, if earlier levels show the noise."""
MIN_FREEDOM = 5.0
"""Least knowledge of the noise: that of eight sessions at one level."""
MAX_LEVEL = 120
"""Sessions of a level that count, the newest. More make no test better, and a level may be as long as a year."""
NEAREST = 1.6
"""Each of the newest three counts at most as this multiple of the one nearest to the level."""
DRIFT, MIN_DRIFT = 3.3, 20
"""Critical value of a drift, and the sessions it needs."""
UPPER = np.triu(np.ones((MAX_LEVEL, MAX_LEVEL), bool), 1)
"""The pairs of a window in which the second session is the later one."""


def is_step(values: Floats, earlier: Noise, floor: float) -> bool:
    """Return whether the newest sessions lie off the level of those before, compared with the error of both.

    `values` are the sessions since the last change. `earlier` is the noise of the levels before it.
    """
    return any(_is_off(values[-MAX_LEVEL - newest :], newest, earlier, floor) for newest in WINDOWS)


def _is_off(values: Floats, newest: int, earlier: Noise, floor: float) -> bool:
    n = len(values) - newest
    if n < MIN_LEVEL:
        return False
    centre, own = level(values[:n])
    if newest == NEWEST:
        distance, noise = _distance(values[n:] - centre), Noise()
    else:
        other, noise = level(values[n:])
        distance = abs(other - centre)
    allowed = bound(n, newest, earlier + own, noise, floor)
    return allowed is not None and distance > allowed


def bound(n: int, newest: int, noise: Noise, of_newest: Noise, floor: float) -> float | None:
    """Return how far the newest sessions must lie from a level of `n`, or None if its noise is too little known."""
    if n < MIN_LEVEL or noise.freedom < MIN_FREEDOM:
        return None
    both = noise + of_newest
    known, unknown = WINDOWS[newest]
    critical = known + unknown / (both.freedom - FREEDOM_OFFSET)
    return critical * both.deviation(floor) * sqrt(variance_of_mean(n) + variance_of_mean(newest))


def _distance(newest: Floats) -> float:
    """Return the mean distance from the level, 0 unless all are on one side. It follows no single outlier, nor two."""
    sizes = np.abs(newest)
    one_side = abs(np.sign(newest).sum()) == len(newest)
    return float(np.minimum(sizes, NEAREST * sizes.min()).mean()) if one_side else 0.0


def is_drift(values: Floats) -> bool:
    """Return whether later sessions are too often above earlier ones, or too often below, for autocorrelated noise."""
    window = values[-MAX_LEVEL:]
    n = len(window)
    if n < MIN_DRIFT:
        return False
    rises, later = window > window[:, None], UPPER[:n, :n]
    surplus = np.count_nonzero(rises & later) - np.count_nonzero(rises & later.T)
    return bool(abs(surplus) > DRIFT * sqrt(INFLATION * n * (n - 1) * (2 * n + 5) / 18))
