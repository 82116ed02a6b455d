"""Choice of the method by which two tests are compared, and its result."""

from collections.abc import Mapping
from statistics import median

from api.comparisons.unchanged_sessions import Side, UnchangedSessions
from api.comparisons.verdicts import Method, Verdict
from common.catalogue.effort import MAXIMUM, MINIMUM
from common.catalogue.metrics import Metric
from common.catalogue.test_type import Point
from common.free_json import Json
from common.stats import between_sessions, independent, looks, paired
from common.stats.distribution import Median
from common.stats.median_interval import interval
from common.store.tables import Order


def statistic(values: Mapping[int, float], metric: Metric, options: Json) -> Median:
    """Return the median of runs with the interval that makes up for the chances to end their series early."""
    samples = list(values.values())
    confidence = looks.confidence(*_ends(options, len(samples)))
    return {
        "value": median(samples),
        "unit": metric.unit,
        "n": len(samples),
        "ci95": interval(samples, confidence),
    }


def verdict(sides: tuple[Side, Side], point: Point, metric: Metric, unchanged: UnchangedSessions) -> Verdict:
    """Return the verdict on two tests that both have this metric at this point."""
    before, after = (side.test.at(point, metric.name) for side in sides)
    shared = sorted(before.keys() & after.keys())
    if _took_turns(sides) and shared:
        ends = _ends(sides[0].test.options, len(shared))
        pairs = [before[block] for block in shared], [after[block] for block in shared]
        return Verdict(paired.verdict(*pairs, metric.unit, *ends), Method.PAIRED, metric)
    medians = [
        statistic(values, metric, side.test.options) for values, side in zip((before, after), sides, strict=True)
    ]
    spreads = unchanged.spreads(sides, point, metric, medians)
    if spreads:
        difference = between_sessions.difference(medians[0], medians[1], spreads)
        return Verdict(difference, Method.SPREAD, metric, sum(each.sessions for each in spreads))
    alone = independent.difference(list(before.values()), list(after.values()), metric.unit)
    return Verdict(alone, Method.RUNS, metric)


def _took_turns(sides: tuple[Side, Side]) -> bool:
    """Return whether both models were measured in turn, block by block."""
    one, other = (side.column.session for side in sides)
    return one.id == other.id and one.order == Order.INTERLEAVED


def _ends(options: Json, runs: int) -> tuple[int, int]:
    """Return the smallest and largest number of runs after which the series could end."""
    minimum, maximum = options.get(MINIMUM), options.get(MAXIMUM)
    return (minimum, maximum) if minimum and maximum else (runs, runs)
