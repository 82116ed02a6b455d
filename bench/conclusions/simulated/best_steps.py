"""The best that any test can do to find a step in the newest nights of a history, at the product's false alarms.

A test does not know the level, the spread between nights, or their autocorrelation. So it sees only what a shift and a
scale leave of the nights, and its false alarms are promised for each autocorrelation. The most powerful test of a step
of a known size against one autocorrelation is the ratio of their likelihoods (Neyman and Pearson 1933), with level and
spread integrated out (Lehmann, Testing Statistical Hypotheses, 1959, chapter 6). No test finds more steps than the
weakest of these, and none can be all of them at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

import numpy as np

from bench.conclusions.simulated.noises import Floats, autocorrelated
from common.stats.history.evaluation import MIN_SESSIONS

FALSE = 0.01
LOOKS = 20
"""Sessions in which a false alarm has the probability FALSE."""
FACTOR = 10
"""Histories for each one of the product's, because false alarms are rare."""
GRID, WIDTH = np.linspace(-7, 7, 81), 1.2
"""Nodes of the integral over the spread, about the largest value of the integrand, in units of 1 / WIDTH."""


@dataclass(frozen=True)
class Model:
    """Nights with this autocorrelation, of which the newest `after` lie off by `step` spreads to either side."""

    rho: float
    step: float
    after: int

    def log_likelihoods(self, nights: Floats) -> Floats:
        """Return the log of the likelihood of each row, up to a constant that depends on the number of nights alone."""
        n = nights.shape[1]
        shape = _white((np.arange(n) >= n - self.after).astype(float), self.rho)
        level = _white(np.ones(n), self.rho)
        rest, stepped = _without(_white(nights, self.rho), level), _without(shape, level)
        squares = (rest**2).sum(axis=1)
        towards = self.step * np.abs(rest @ stepped) / np.sqrt(squares)
        known = -(self.step**2) * (stepped @ stepped) / 2 - log(level @ level) / 2 - (n - 1) * log(1 - self.rho**2) / 2
        found: Floats = known + _log_integrals(towards, n) - (n - 1) / 2 * np.log(squares)
        return found


def _white(values: Floats, rho: float) -> Floats:
    """Return the values, the last axis of which is time, without their autocorrelation."""
    white = values.copy()
    white[..., 1:] = (values[..., 1:] - rho * values[..., :-1]) / (1 - rho**2) ** 0.5
    return white


def _without(values: Floats, direction: Floats) -> Floats:
    return values - np.multiply.outer(values @ direction, direction) / (direction @ direction)


def _log_integrals(towards: Floats, n: int) -> Floats:
    """Return the logs of the integrals of u^(n-2) exp(-u²/2 + |towards| u) over the precision u, up to a constant.

    The step to the other side adds next to nothing.
    """
    largest = (towards + np.sqrt(towards**2 + 4 * (n - 2))) / 2
    u = np.maximum(largest[:, None] + GRID / WIDTH, 1e-9)
    logs = (n - 2) * np.log(u) - u**2 / 2 + towards[:, None] * u
    top = logs.max(axis=1)
    found: Floats = top + np.log(np.exp(logs - top[:, None]).sum(axis=1))
    return found


def best(stepped: Model, nights: int, rhos: Sequence[float], series: int) -> float:
    """Return the largest share of histories with this number of nights in which any test can find the step.

    `rhos` are the autocorrelations for which false alarms are promised.
    """
    return min(_power(stepped, Model(rho, 0.0, stepped.after), nights, FACTOR * series) for rho in rhos)


def _power(stepped: Model, null: Model, nights: int, series: int) -> float:
    """Return how often the most powerful test of `stepped` against `null` finds the step after these nights."""
    looks = _looks(nights)
    rng, draw = np.random.default_rng(5), autocorrelated(null.rho)
    histories = np.array([draw(rng, looks[-1]) for _ in range(series)])
    quiet = [_ratios(stepped, null, histories[:, :end]) for end in looks]
    chances = np.min([np.argsort(np.argsort(-ratios)) / series for ratios in quiet], axis=0)
    bound = np.quantile(quiet[looks.index(nights)], 1 - max(np.quantile(chances, FALSE), 1 / series))
    changed = np.array([autocorrelated(stepped.rho)(rng, nights) for _ in range(series)])
    changed[:, -stepped.after :] -= stepped.step
    return float((_ratios(stepped, null, changed) > bound).mean())


def _ratios(stepped: Model, null: Model, nights: Floats) -> Floats:
    return stepped.log_likelihoods(nights) - null.log_likelihoods(nights)


def _looks(nights: int) -> list[int]:
    """Return the sessions that share the false alarms with the last one: the first 20, or the 20 up to it."""
    last = max(nights, LOOKS)
    return list(range(max(MIN_SESSIONS, last - LOOKS + 1), last + 1))
