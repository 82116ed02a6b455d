"""The statistics that stand with each run in a table: those of its test at its conditions."""

from api.formats.tables.rows import Row, statistic_cells
from common.catalogue.test_type import Point
from common.records.test_metrics import TestMetrics
from common.stats.distribution import Distributions
from common.store.reads.lists.every_result import with_metrics
from common.store.tables import Test


class PointStatistics:
    """The statistics of the test that was asked for last. Runs come test by test."""

    def __init__(self) -> None:
        self._test: int | None = None
        self._metrics: TestMetrics | None = None
        self._points: dict[str, Distributions] = {}
        self._grade: str | None = None

    def at(self, test: Test, conditions: Point) -> Row:
        """Return the cells, empty if the test has not completed."""
        if test.id != self._test:
            self._read(test)
        if self._metrics is None:
            return {}
        found = self._points.get(_key(conditions), {} if self._points else self._metrics.statistics)
        return statistic_cells(self._metrics, found.get(self._metrics.headline_name), self._grade)

    def _read(self, test: Test) -> None:
        self._test, completed = test.id, next(with_metrics([test]), None)
        stored = completed.metrics if completed else None
        self._metrics = TestMetrics.parse(stored) if isinstance(stored, dict) else None  # else it cannot be read
        points = self._metrics.points if self._metrics else []
        self._points = {_key(each["point"]): each["statistics"] for each in points}
        self._grade = completed.grade if completed else None


def _key(point: Point) -> str:
    return str(sorted(point.items()))
