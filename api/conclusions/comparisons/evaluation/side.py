"""A test of a column, with what was measured in it. Each is asked for several times, and computed once."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from statistics import median

from api.conclusions.comparisons.columns import Column
from common.catalogue.effort import MAXIMUM, MINIMUM
from common.catalogue.metrics import Metric
from common.catalogue.test_type import Point
from common.records.conditions import Conditions
from common.stats.censored import count, known
from common.stats.comparing.session_spread import SessionMedian
from common.stats.distribution import Median
from common.stats.intervals import looks
from common.stats.summary import interval
from common.store.earlier.samples import TestSamples
from common.values.free_json import Json


class RunMedian(Median):
    """The median of one value per run, `censored` of which are only known to be larger than the rest."""

    censored: int


@dataclass(frozen=True)
class Side:
    """A test of a column."""

    column: Column
    test: TestSamples
    _measured: dict[Hashable, tuple[RunMedian | None, SessionMedian | None]] = field(
        default_factory=dict, repr=False, compare=False
    )

    @cached_property
    def conditions(self) -> Conditions:
        return self.column.conditions(self.test)

    def measured(self, point: Point, metric: Metric) -> RunMedian | None:
        """Return the median of the test's runs, or the stored one if they were deleted. None if there is neither."""
        return self._both(point, metric)[0]

    def median(self, point: Point, metric: Metric) -> SessionMedian | None:
        """Return the same as the median of a session, None if it is censored."""
        return self._both(point, metric)[1]

    def _both(self, point: Point, metric: Metric) -> tuple[RunMedian | None, SessionMedian | None]:
        key = (metric.name, *point.items())
        if key not in self._measured:
            found = _measured(self.test, point, metric)
            self._measured[key] = found, SessionMedian.of(found) if found else None
        return self._measured[key]


def _measured(test: TestSamples, point: Point, metric: Metric) -> RunMedian | None:
    if values := test.at(point, metric.name):
        return statistic(values, metric, test.options)
    stored = test.stored_at(point, metric.name)
    if stored is None:
        return None
    return {
        "value": stored["value"],
        "unit": metric.unit,
        "n": stored.get("runs", stored["n"]),
        "ci95": stored["ci95"],
        "censored": stored.get("censored", 0),
    }


def statistic(values: Mapping[int, float], metric: Metric, options: Json) -> RunMedian:
    """Return the median of runs with the interval that makes up for the chances to end their series early."""
    samples = list(values.values())
    return {
        "value": known(median(samples)),
        "unit": metric.unit,
        "n": len(samples),
        "ci95": interval(samples, looks.confidence(*ends(options, len(samples)))),
        "censored": count(samples),
    }


def ends(options: Json, runs: int) -> tuple[int, int]:
    """Return the smallest and largest number of runs after which the series could end."""
    minimum, maximum = options.get(MINIMUM), options.get(MAXIMUM)
    return (minimum, maximum) if minimum and maximum else (runs, runs)
