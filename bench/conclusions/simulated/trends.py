"""Drift within a point: trends of its runs, and the verdict on them."""

from collections.abc import Iterator

import numpy as np

from bench.conclusions.share import Share
from bench.conclusions.simulated.noises import NOISES, Draw, Floats, autocorrelated, runs
from bench.conclusions.table import Row
from common.catalogue.metrics import METRICS
from common.stats import trend
from worker.verdicts.series import drifting

FALSE = 0.05
"""How often runs without a drift may look like one."""
LENGTHS = (8, 12, 20, 60)
PERCENTS = (1.0, 3.0)
SLOWER = 0.95
"""Speed at the end of a series that drifts, as a share of that at its start."""
METRIC = METRICS["decodeTokensPerSecond"]


def drifts(cases: int) -> Iterator[Row]:
    """Yield how often runs look like a drift, without one and with one of several standard deviations in all."""
    yield "runs", "autocorrelation", "no drift", "drift of 4 deviations found", "of 6"
    for length in (6, 8, 12, 20, 40):
        for rho in (0.0, 0.25, 0.5):
            none, four, six = (_rising(autocorrelated(rho), length, rise, cases) for rise in (0, 4, 6))
            yield str(length), f"{rho:g}", Share(none, cases, FALSE), Share(four, cases), Share(six, cases)


def _rising(draw: Draw, length: int, rise: float, cases: int) -> int:
    rng = np.random.default_rng(2)
    found = [trend.drift((draw(rng, length) + np.linspace(0, rise, length)).tolist()) for _ in range(cases)]
    return sum(each is not None and not each["ci95"][0] <= 0 <= each["ci95"][1] for each in found)


def verdicts(cases: int) -> Iterator[Row]:
    """Yield how often a test is said to drift, without a drift and with one, by the noise of its runs."""
    yield "noise", "", *(f"steady, {n} runs" for n in LENGTHS), *(f"slower, {n} runs" for n in LENGTHS)
    for name, draw in NOISES.items():
        for percent in PERCENTS:
            steady = [Share(_said(draw, percent, np.ones(n), cases), cases, FALSE) for n in LENGTHS]
            slower = [Share(_said(draw, percent, np.linspace(1, SLOWER, n), cases), cases) for n in LENGTHS]
            yield name, f"{percent:g} %", *steady, *slower


def _said(draw: Draw, percent: float, speeds: Floats, cases: int) -> int:
    """Return how many series are said to drift, whose true speed at each run is this."""
    rng = np.random.default_rng(3)
    series = ((np.asarray(runs(draw, rng, len(speeds), percent)) * speeds).tolist() for _ in range(cases))
    return sum(drifting(trend.drift(one), METRIC) is not None for one in series)
