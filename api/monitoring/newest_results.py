"""Metrics of results: the newest value of each model, test type and host, with its interval.

They are read and written as text once a minute, because a large database has thousands of them. A result does not
change any more, so only new ones are read.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from flask import current_app
from prometheus_client import CollectorRegistry, Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from api.http.responses.streaming import yielding
from common.catalogue.metrics import METRICS
from common.catalogue.test_types import TEST_TYPES
from common.stats.distribution import bounds_of
from common.store.earlier.newest import newest
from common.store.earlier.newest.newest import NewestTest, StoredResult
from common.store.reads.lists.distinct import distinct
from common.store.tables import Status, Test
from common.values.units import epoch_ms

MAX_RESULTS = 1000
"""The newest results. With more, a scrape would have too many series."""
MAX_AGE_S = 60
END = b"# EOF\n"
"""The last line of OpenMetrics, which a scrape has once."""
LABELS = ("model", "test_type", "host", "metric", "unit")
SECOND_MS = 1000

Encode = Callable[[CollectorRegistry], bytes]

logger = logging.getLogger(__name__)


def newest_results() -> "NewestResults":
    """Return those of the application, which its requests share."""
    found: NewestResults = current_app.extensions.setdefault("gait-results", NewestResults())
    return found


@dataclass(eq=False)
class _Results(Collector):
    """The results of one scrape."""

    found: Sequence[tuple[str, StoredResult]]

    def collect(self) -> Iterator[Metric]:
        value = _gauge("gait_result", "Newest result: the median of the metric that represents the test type.")
        low = _gauge("gait_result_ci95_low", "Lower end of its 95 % interval; missing if it has none.")
        high = _gauge("gait_result_ci95_high", "Upper end of its 95 % interval; missing if it has none.")
        at = _gauge("gait_result_timestamp_seconds", "When its test ended, in seconds since 1970.")
        grade = _gauge("gait_result_grade", "1 for the grade of the result; missing if it is unknown.", "grade")
        for test_type, result in self.found:
            statistic, labels = result.statistic, _labels(test_type, result)
            if statistic is None or statistic["value"] is None:
                continue
            value.add_metric(labels, statistic["value"])
            at.add_metric(labels, epoch_ms(result.test.at) / SECOND_MS)
            for gauge, bound in zip((low, high), bounds_of(statistic), strict=True):
                if bound is not None:
                    gauge.add_metric(labels, bound)
            if result.grade:
                grade.add_metric([*labels, result.grade], 1)
        yield from (value, low, high, at, grade)


def _gauge(name: str, documentation: str, *further: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, documentation, labels=[*LABELS, *further])


def _labels(test_type: str, result: StoredResult) -> list[str]:
    metric = METRICS[TEST_TYPES[test_type].headline]
    return [result.test.model, test_type, result.test.host, metric.name, metric.unit]


@dataclass
class NewestResults:
    """The metrics of results as text, which is kept for a minute."""

    _texts: dict[str, tuple[float, bytes]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def text(self, content_type: str, encode: Encode) -> bytes:
        """Return the metrics as `encode` writes them for this content type, without an end.

        While the database cannot be read, they stay as they were.
        """
        with self._lock:
            at, text = self._texts.get(content_type, (float("-inf"), b""))
            if time.monotonic() - at > MAX_AGE_S:
                text = self._written(encode) or text
                self._texts[content_type] = time.monotonic(), text
            return text

    def _written(self, encode: Encode) -> bytes | None:
        try:
            found = _found()
        except Exception as error:  # noqa: BLE001 - after any error, the other metrics are needed the more
            logger.warning("the metrics of results cannot be read: %s", error)
            return None
        registry = CollectorRegistry()
        registry.register(_Results(found))
        return encode(registry).removesuffix(END)


def _found() -> list[tuple[str, StoredResult]]:
    tests = [(name, test) for name in _completed_types() for test in newest.newest(name)]
    tests = sorted(tests, key=lambda each: each[1].at, reverse=True)[:MAX_RESULTS]
    by_type: dict[str, list[NewestTest]] = {}
    for name, test in tests:
        by_type.setdefault(name, []).append(test)
    results = (each for name, own in by_type.items() for each in newest.results(own, TEST_TYPES[name].headline))
    found = {result.test.id: result for result in results}
    return [(name, found[test.id]) for name, test in tests if test.id in found]


def _completed_types() -> Iterator[str]:
    for name in yielding(distinct(Test.test_type, Test.status == Status.COMPLETED)):
        if name in TEST_TYPES:
            yield name
