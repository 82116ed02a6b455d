"""The medians of a completed test, by metric and point: all that a comparison reads of the many unchanged sessions."""

from collections.abc import Iterator, Mapping

from common.catalogue.test_type import Point
from common.records.test_metrics import TestMetrics
from common.stats.distribution import Distribution
from common.values.free_json import Json

MedianRecord = tuple[Point, float | None, int, float | None, float | None, int]
"""A point, the median of a metric there, its number of runs, its 95 % interval, and how many runs are censored.

The median and its bounds are None if they are censored, and the bounds also if there are too few runs.
"""
MedianRecords = Mapping[str, list[MedianRecord]]
"""By the name of the metric."""


def medians(metrics: TestMetrics) -> MedianRecords:
    """Return the medians at each point. Those of a test of one point are at its main point."""
    found: dict[str, list[MedianRecord]] = {}
    for name, record in _records(metrics):
        found.setdefault(name, []).append(record)
    return found


def columns_of(metrics: TestMetrics) -> Json:
    """Return what `Medians` stores of a test, by column, without the test's options."""
    found = medians(metrics)
    headline = {name: records for name, records in found.items() if name == metrics.headline_name}
    return {"headline": headline, "software": metrics.software, "medians": found}


def _records(metrics: TestMetrics) -> Iterator[tuple[str, MedianRecord]]:
    points = [(each["point"], each["statistics"]) for each in metrics.points]
    main = [] if metrics.main_point in [point for point, _ in points] else [(metrics.main_point, metrics.statistics)]
    for point, statistics in (*points, *main):
        for name, found in statistics.items():
            yield name, _record(point, found)


def _record(point: Point, found: Distribution) -> MedianRecord:
    """Return a median. Results of releases that computed intervals by bootstrap have one value a run."""
    bounds = found.get("ci95") or ()
    low, high = bounds if len(bounds) == 2 else (None, None)  # noqa: PLR2004 - an imported document may have others
    return point, found.get("value"), found.get("runs", found.get("n", 0)), low, high, found.get("censored", 0)
