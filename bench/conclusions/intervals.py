"""Error rates of the statistics of one point: intervals of medians with early stops, drifts, and percentiles."""

from collections.abc import Callable, Iterator, Mapping
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from common.catalogue.effort import MAXIMUM, MINIMUM, PRECISION, WORK, Effort
from common.stats import median_interval, trend
from common.stats.looks import confidence, looks
from common.stats.percentiles import percentile
from common.stats.summary import relative_half_width

Floats = NDArray[np.float64]
Row = tuple[str, ...]
Draw = Callable[[np.random.Generator, int], Floats]

SPREADS = (0.005, 0.01, 0.02, 0.03, 0.05)
STANDARD = WORK[Effort.STANDARD]
RUNS = 5
"""Runs among which the requests of a percentile are divided."""


def autocorrelated(rho: float) -> Draw:
    """Return what draws normal runs with this autocorrelation, of variance 1 and median 0."""

    def draw(rng: np.random.Generator, n: int) -> Floats:
        noise = rng.standard_normal(n)
        for i in range(1, n):
            noise[i] = rho * noise[i - 1] + (1 - rho * rho) ** 0.5 * noise[i]
        return noise

    return draw


def _with_outliers(rng: np.random.Generator, n: int) -> Floats:
    """Return noise of which 5 % deviates five times as far, to either side."""
    noise = rng.standard_normal(n)
    return np.where(rng.random(n) < 0.05, 5 * noise, noise)  # noqa: PLR2004


def _skewed(rng: np.random.Generator, n: int) -> Floats:
    """Return log-normal noise with the median 0."""
    return np.expm1(0.5 * rng.standard_normal(n)) / 0.5


NOISES: Mapping[str, Draw] = {
    "normal": autocorrelated(0),
    "log-normal": _skewed,
    "5 % outliers": _with_outliers,
    "autocorrelation 0.25": autocorrelated(0.25),
    "autocorrelation 0.5": autocorrelated(0.5),
}


class Point(NamedTuple):
    """The end of a simulated point, whose true median is 1."""

    runs: int
    settled: bool
    covered: bool


def measure(samples: list[float]) -> Point:
    """Return how a point of the standard effort ends with these runs."""
    minimum, maximum, wanted = STANDARD[MINIMUM], STANDARD[MAXIMUM], STANDARD[PRECISION] / 100
    nominal = confidence(minimum, maximum)
    for runs in looks(minimum, maximum):
        width = relative_half_width(samples[:runs], nominal)
        if width is not None and width <= wanted:
            return Point(runs, settled=True, covered=_covers(samples[:runs], nominal))
    return Point(maximum, settled=False, covered=_covers(samples, nominal))


def _covers(samples: list[float], nominal: float) -> bool:
    bounds = median_interval.interval(samples, nominal)
    return bounds is not None and bounds[0] <= 1 <= bounds[1]


def points(series: int) -> Iterator[Row]:
    """Yield how often the interval of a point contains the true median, also of those that settled."""
    yield "noise", "of the median", "covered", "settled", "covered, if settled", "runs"
    for name, draw in NOISES.items():
        for spread in SPREADS:
            rng = np.random.default_rng(1)
            ends = [measure((1 + spread * draw(rng, STANDARD[MAXIMUM])).tolist()) for _ in range(series)]
            settled = [end.covered for end in ends if end.settled]
            yield (
                name,
                f"{100 * spread:g} %",
                _percent([end.covered for end in ends]),
                _percent([end.settled for end in ends]),
                _percent(settled) if len(settled) > series / 20 else "–",
                f"{np.mean([end.runs for end in ends]):.1f}",
            )


def drifts(series: int) -> Iterator[Row]:
    """Yield how often runs look like a drift, without one and with one of several standard deviations in all."""
    yield "runs", "autocorrelation", "no drift", "drift of 4 deviations found", "of 6"
    for runs in (6, 8, 12, 20, 40):
        for rho in (0.0, 0.25, 0.5):
            found = [_percent(_drifting(autocorrelated(rho), runs, rise, series)) for rise in (0, 4, 6)]
            yield str(runs), f"{rho:g}", *found


def _drifting(draw: Draw, runs: int, rise: float, series: int) -> list[bool]:
    rng = np.random.default_rng(2)
    found = [trend.drift((draw(rng, runs) + np.linspace(0, rise, runs)).tolist()) for _ in range(series)]
    return [each is not None and not each["ci95"][0] <= 0 <= each["ci95"][1] for each in found]


def percentiles(series: int) -> Iterator[Row]:
    """Yield how often the interval of a percentile contains it, also if the requests of a run are alike."""
    yield "percentile", "requests", "independent", "in 5 runs that differ by half as much as requests"
    for share, n in ((0.95, 60), (0.95, 200), (0.95, 1000), (0.99, 300), (0.99, 1000)):
        yield f"{100 * share:g} %", str(n), _of_percentile(share, n, 0.0, series), _of_percentile(share, n, 0.5, series)


def _of_percentile(share: float, n: int, between: float, series: int) -> str:
    """Return the coverage for values of variance 1 within a run and `between` squared between the five runs."""
    rng, truth = np.random.default_rng(3), (1 + between**2) ** 0.5 * NormalDist().inv_cdf(share)
    covered = []
    for _ in range(series):
        of_runs = np.repeat(between * rng.standard_normal(RUNS), n // RUNS)
        found = percentile((rng.standard_normal(n) + of_runs).tolist(), share)
        covered.append(found is not None and found.low <= truth <= found.high)
    return _percent(covered)


def _percent(cases: list[bool]) -> str:
    return f"{100 * np.mean(cases):.1f} %"


TABLES: Mapping[str, Callable[[int], Iterator[Row]]] = {
    "Intervals of points": points,
    "Drifts within a point": drifts,
    "Intervals of percentiles": percentiles,
}
"""Each returns its header and its rows, from this number of simulated series in each."""
