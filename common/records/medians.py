"""The medians of a completed test, by metric and point: all that a comparison reads of the many unchanged sessions."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from common.catalogue.test_type import Point
from common.records.test_metrics import TestMetrics
from common.stats.distribution import Distribution, bounds_of


class MedianRecord(NamedTuple):
    """The median of a metric at a point over `runs`, with its 95 % interval; stored as a list.

    A `value` or a bound that is censored is None, and so are the bounds of a median without an interval. `censored`
    runs are only known to be larger than the rest.
    """

    point: Point
    value: float | None
    runs: int
    low: float | None
    high: float | None
    censored: int


MedianRecords = Mapping[str, list[MedianRecord]]
"""By the name of the metric."""


def medians(metrics: TestMetrics) -> MedianRecords:
    """Return the medians at each point. Those of a test of one point are at its main point."""
    found: dict[str, list[MedianRecord]] = {}
    for name, record in _records(metrics):
        found.setdefault(name, []).append(record)
    return found


def _records(metrics: TestMetrics) -> Iterator[tuple[str, MedianRecord]]:
    points = [(each["point"], each["statistics"]) for each in metrics.points]
    main = [] if metrics.main_point in [point for point, _ in points] else [(metrics.main_point, metrics.statistics)]
    for point, statistics in (*points, *main):
        for name, found in statistics.items():
            yield name, _record(point, found)


def _record(point: Point, found: Distribution) -> MedianRecord:
    """Return a median. Results of releases that computed intervals by bootstrap have one value a run."""
    low, high = bounds_of(found)
    return MedianRecord(point, found["value"], found.get("runs", found["n"]), low, high, found.get("censored", 0))
