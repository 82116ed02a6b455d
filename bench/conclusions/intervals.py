"""One point of a test: the intervals of its medians and percentiles, and its drift, by the product's own functions."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np

from bench.conclusions.noises import INDEPENDENT, NOISES, TRUTH, Draw, Floats, runs
from bench.conclusions.share import Share
from bench.conclusions.table import Row
from common.catalogue.effort import MAXIMUM, MINIMUM, WORK, Effort
from common.catalogue.metrics import METRICS
from common.stats import summary, trend
from common.stats.looks import looks
from common.stats.percentiles import percentile
from common.store.tables import Run
from worker.test_types.decode import Decode
from worker.verdicts.series import drifting
from worker.workload.point_runs import PointRuns

COVERAGE = 0.95
FALSE_DRIFTS = 0.05
PERCENTS = (0.5, 1.0, 2.0, 3.0, 5.0)
"""Noises of the runs in percent."""
WORKLOAD = Decode()
METRIC = METRICS[WORKLOAD.test_type.headline]
OPTIONS = WORK[Effort.STANDARD]
TAILS = ((0.95, 59), (0.95, 100), (0.95, 300), (0.99, 299), (0.99, 1000))
"""Percentiles, each with a number of values."""
DRAWN = 1_000_000
"""Values of which the true percentile is taken."""
LENGTHS = (8, 12, 20, 60)
SLOWER = 0.95
"""Speed at the end of a series that drifts, as a share of that at its start."""


@dataclass(frozen=True)
class _Series:
    """A series of runs that has ended: their number, and whether its interval is narrow enough and holds the truth."""

    runs: int
    settled: bool
    holds: bool


def medians(cases: int) -> Iterator[Row]:
    """Yield how often the interval of a point holds the true median when its series ends, by the noise of its runs."""
    yield "noise", "of a run", "interval holds the truth", "settled", "of these, interval holds the truth", "mean runs"
    for name, draw in NOISES.items():
        rng, promised = np.random.default_rng(1), COVERAGE if name in INDEPENDENT else None
        for percent in PERCENTS:
            series = [_measured(runs(draw, rng, OPTIONS[MAXIMUM], percent)) for _ in range(cases)]
            settled = [one for one in series if one.settled]
            yield (
                name,
                f"{percent:g} %",
                Share(sum(one.holds for one in series), cases, at_least=promised),
                Share(len(settled), cases),
                Share(sum(one.holds for one in settled), len(settled)),
                f"{fmean(one.runs for one in series):.1f}",
            )


def _measured(values: Sequence[float]) -> _Series:
    """Let the product measure runs with these values until it has enough."""
    stored = [Run(metrics={METRIC.name: value}, record={}) for value in values]
    n = next(n for n in looks(OPTIONS[MINIMUM], OPTIONS[MAXIMUM]) if WORKLOAD.enough(OPTIONS, stored[:n]))
    half_width = PointRuns(0, {}, stored[:n], WORKLOAD.confidence(OPTIONS)).half_width(METRIC.name)
    low, high = summary.interval(values[:n], WORKLOAD.confidence(OPTIONS)) or (None, None)
    holds = low is not None and high is not None and low <= TRUTH <= high
    return _Series(n, half_width is not None and half_width <= WORKLOAD.precision(OPTIONS), holds)


def percentiles(cases: int) -> Iterator[Row]:
    """Yield how often the interval of a percentile holds the true one, by the number of values."""
    yield "percentile", "values", *INDEPENDENT
    drawn = {name: NOISES[name](np.random.default_rng(0), DRAWN) for name in INDEPENDENT}
    for share, n in TAILS:
        truths = [float(np.quantile(drawn[name], share)) for name in INDEPENDENT]
        draws = [NOISES[name] for name in INDEPENDENT]
        held = [_held(draw, n, share, truth, cases) for draw, truth in zip(draws, truths, strict=True)]
        yield f"p{100 * share:g}", str(n), *held


def _held(draw: Draw, n: int, share: float, truth: float, cases: int) -> Share:
    rng = np.random.default_rng(2)
    found = [percentile(draw(rng, n).tolist(), share) for _ in range(cases)]
    return Share(sum(one is not None and one.low <= truth <= one.high for one in found), cases, at_least=COVERAGE)


def drifts(cases: int) -> Iterator[Row]:
    """Yield how often a series is said to drift, without a drift and with one, by the noise of its runs."""
    yield "noise", "of a run", *(f"steady, {n} runs" for n in LENGTHS), *(f"5 % slower, {n} runs" for n in LENGTHS)
    for name, draw in NOISES.items():
        for percent in (1.0, 3.0):
            steady = [_drifting(draw, percent, np.ones(n), cases, FALSE_DRIFTS) for n in LENGTHS]
            slower = [_drifting(draw, percent, np.linspace(1, SLOWER, n), cases) for n in LENGTHS]
            yield name, f"{percent:g} %", *steady, *slower


def _drifting(draw: Draw, percent: float, speeds: Floats, cases: int, at_most: float | None = None) -> Share:
    """Return the share of series that are said to drift, whose true speed at each run is this."""
    rng = np.random.default_rng(3)
    series = ((np.asarray(runs(draw, rng, len(speeds), percent)) * speeds).tolist() for _ in range(cases))
    return Share(sum(drifting(trend.drift(one), METRIC) is not None for one in series), cases, at_most)
