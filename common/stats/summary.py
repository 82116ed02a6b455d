"""Statistics of the runs of one point.

A median with its interval describes runs under the same conditions, and no others. The unit of replication is the run,
so values of one run count once in all that is said about certainty.
"""

import statistics
from collections.abc import Sequence

from common.stats import trend
from common.stats.censored import CENSORED, count, known
from common.stats.distribution import Distribution, Spread
from common.stats.intervals import median_interval
from common.stats.intervals.median_interval import CONFIDENCE
from common.stats.intervals.percentiles import percentile
from common.stats.outliers import first, mad, outliers


def summarise_runs(runs: Sequence[Sequence[float]], unit: str, confidence: float = CONFIDENCE) -> Distribution:
    """Return the distribution of the values of each run, all in `unit`.

    Args:
        runs: the values of each run, in the order of the runs; each has at least one. A censored value is infinite.
        unit: the unit of the values.
        confidence: the nominal confidence of the median's interval; see `common.stats.intervals.looks.confidence`.

    Raises:
        statistics.StatisticsError: if there are no values.
    """
    by_run = [statistics.median(values) for values in runs]
    middle = known(statistics.median(by_run))
    return {
        "value": middle,
        "unit": unit,
        "n": sum(map(len, runs)),
        "runs": len(by_run),
        "median": middle,
        "ci95": interval(by_run, confidence),
        "outliers": outliers(by_run),
        "first": first(by_run),
        "drift": trend.drift(by_run),
        **_spread(runs),
    }


def summarise(samples: Sequence[float], unit: str, confidence: float = CONFIDENCE) -> Distribution:
    """Return the distribution of one value per run; see `summarise_runs`."""
    return summarise_runs([[sample] for sample in samples], unit, confidence)


def _spread(runs: Sequence[Sequence[float]]) -> Spread:
    values = [value for of_run in runs for value in of_run]
    censored = count(values)
    p95, p95_bounds = _percentile(runs, 0.95)
    p99, p99_bounds = _percentile(runs, 0.99)
    return {
        "censored": censored,
        "mad": known(mad(values)),
        "mean": known(statistics.fmean(values)),
        "sd": statistics.stdev(values) if len(values) > 1 and not censored else None,
        "min": known(min(values)),
        "max": known(max(values)),
        "p95": p95,
        "p95ci95": p95_bounds,
        "p99": p99,
        "p99ci95": p99_bounds,
    }


def _percentile(runs: Sequence[Sequence[float]], share: float) -> tuple[float | None, list[float | None] | None]:
    found = percentile(runs, share)
    if found is None:
        return None, None
    return known(found.value), None if found.low is None else [known(found.low), known(found.high)]


def interval(by_run: Sequence[float], confidence: float = CONFIDENCE) -> list[float | None] | None:
    """Return the interval of the median of one value per run, [low, high], or None for too few runs."""
    bounds = median_interval.interval(by_run, confidence)
    return bounds and [known(bound) for bound in bounds]


def relative_half_width(by_run: Sequence[float], confidence: float = CONFIDENCE) -> float | None:
    """Return half the interval's width as a share of the median, which says how precisely the median is known.

    None if there are too few runs, or if the interval has no end or the median is 0.
    """
    bounds = median_interval.interval(by_run, confidence)
    if bounds is None:
        return None
    low, high = bounds
    middle = statistics.median(by_run)
    return known((high - low) / 2 / abs(middle)) if middle and high < CENSORED else None
