"""Intervals of a median, whose series end early, and of percentiles."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from statistics import NormalDist, fmean
from typing import NamedTuple

import numpy as np

from bench.conclusions.share import Share
from bench.conclusions.simulated.noises import (
    FOUR_POINTS,
    IN_BLOCKS,
    INDEPENDENT,
    NOISES,
    NORMAL,
    PERCENT,
    TRUTH,
    Draw,
    runs,
)
from bench.conclusions.table import Row
from common.catalogue.effort import MAXIMUM, MINIMUM, WORK, Effort
from common.stats import summary
from common.stats.intervals.looks import looks
from common.stats.intervals.percentiles import percentile
from common.store.tables import Run
from worker.test_types.decode import Decode
from worker.workload.point_runs import PointRuns

COVERAGE = 0.95
PERCENTS = (0.5, 1.0, 2.0, 3.0, 5.0)
"""Noises of the runs in percent."""
MOSTLY = 0.5
"""If this number of series settle, their intervals are as good as those of all."""
WORKLOAD = Decode()
OPTIONS = WORK[Effort.STANDARD]
TAILS = ((0.95, 59), (0.95, 200), (0.95, 1000), (0.99, 299), (0.99, 1000))
"""Percentiles, each with a number of requests."""
DRAWN = 1_000_000
"""Values of which a true percentile is taken."""
RUNS, BETWEEN = 12, 0.5
"""Runs among which requests are divided, and by how much they differ, in units of the noise of requests."""
Runs = list[list[float]]
"""The values of each run."""


class Series(NamedTuple):
    """A series of runs at its end: whether its interval is narrow enough, and whether it holds the truth."""

    runs: int
    settled: bool
    holds: bool


def medians(cases: int) -> Iterator[Row]:
    """Yield how often the interval of a point holds the true median when its series ends, by the noise of its runs."""
    if_settled = ("settled", "held it, if settled", "the best that is possible")
    yield "noise", "of the median", "interval held the median", *if_settled, "runs"
    for name, draw in {**NOISES, **IN_BLOCKS}.items():
        promised = COVERAGE if name in INDEPENDENT else None
        for percent in PERCENTS:
            rng = np.random.default_rng(1)
            series = [_measured(runs(draw, rng, OPTIONS[MAXIMUM], percent)) for _ in range(cases)]
            settled = [one for one in series if one.settled]
            held, of_settled = ([one.holds for one in those] for those in (series, settled))
            of_most = promised if len(of_settled) > MOSTLY * cases and percent < PERCENTS[-2] else None
            yield (
                name,
                f"{percent:g} %",
                Share(sum(held), cases, at_least=COVERAGE if name == FOUR_POINTS else promised),
                Share(len(of_settled), cases),
                Share(sum(of_settled), len(of_settled), at_least=of_most),
                _best(settled, percent) if name == NORMAL and settled else "",
                f"{fmean(one.runs for one in series):.1f}",
            )


def _best(settled: Sequence[Series], percent: float) -> str:
    """Return how often any interval that is narrow enough can hold the median of normal runs, whatever selects it.

    The mean of normal runs is independent of their spread (Basu 1955), and so of what the selection sees.
    """
    narrow = WORKLOAD.precision(OPTIONS) * PERCENT / percent
    held = fmean(2 * NormalDist().cdf(narrow * series.runs**0.5) - 1 for series in settled)
    return f"{PERCENT * held:.1f} %"


def _measured(values: Sequence[float]) -> Series:
    """Let the product measure runs with these values until it has enough."""
    name = WORKLOAD.test_type.headline
    stored = [Run(metrics={name: value}, record={}) for value in values]
    n = next(n for n in looks(OPTIONS[MINIMUM], OPTIONS[MAXIMUM]) if WORKLOAD.enough(OPTIONS, stored[:n]))
    confidence = WORKLOAD.confidence(OPTIONS)
    half_width = PointRuns(0, {}, stored[:n], confidence).half_width(name)
    low, high = summary.interval(values[:n], confidence) or (None, None)
    holds = low is not None and high is not None and low <= TRUTH <= high
    return Series(n, half_width is not None and half_width <= WORKLOAD.precision(OPTIONS), holds)


def percentiles(cases: int) -> Iterator[Row]:
    """Yield how often the interval of a percentile holds it, also if the requests of a run are alike."""
    yield "percentile", "requests", *INDEPENDENT, f"normal, in {RUNS} runs that differ by half as much as requests"
    drawn = {name: draw(np.random.default_rng(0), DRAWN) for name, draw in INDEPENDENT.items()}
    in_runs = (1 + BETWEEN**2) ** 0.5
    for share, n in TAILS:
        of_kinds = [(draw, float(np.quantile(drawn[name], share))) for name, draw in INDEPENDENT.items()]
        held = [_held(partial(_alone, draw, n), share, truth, cases) for draw, truth in of_kinds]
        held += [_held(partial(_in_runs, n), share, in_runs * NormalDist().inv_cdf(share), cases)]
        yield f"p{100 * share:g}", str(n), *(Share(count, cases, at_least=COVERAGE) for count in held)


def _held(drawn_runs: Callable[[np.random.Generator], Runs], share: float, truth: float, cases: int) -> int:
    rng = np.random.default_rng(3)
    bounds = [(one.low, one.high) for _ in range(cases) if (one := percentile(drawn_runs(rng), share))]
    return sum(low is not None and high is not None and low <= truth <= high for low, high in bounds)


def _alone(draw: Draw, n: int, rng: np.random.Generator) -> Runs:
    return [[value] for value in draw(rng, n).tolist()]


def _in_runs(n: int, rng: np.random.Generator) -> Runs:
    requests = np.array_split(INDEPENDENT[NORMAL](rng, n), RUNS)
    return [(of_run + BETWEEN * rng.standard_normal()).tolist() for of_run in requests]
