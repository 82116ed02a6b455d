"""The points of one test compared with the point that represents it, block by block.

All points of a test are measured in each block, in random order. So a warm machine or a busy neighbour affects both
runs of a pair alike.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from api.conclusions.comparisons.columns import Column
from api.conclusions.comparisons.evaluation import evaluate
from api.conclusions.comparisons.evaluation.side import statistic
from api.conclusions.comparisons.evaluation.verdicts import Verdict, controlled
from common.catalogue.metrics import METRICS, Metric
from common.catalogue.test_type import Point
from common.stats.distribution import Median
from common.store.earlier.samples import TestSamples


@dataclass(frozen=True)
class ComparedPoint:
    """The headline metric at a point. `verdict` compares it with the main point, and is None without common blocks."""

    point: Point
    statistic: Median
    verdict: Verdict | None


@dataclass(frozen=True)
class TestPoints:
    """The points of a test of a column, in their order. All are compared with `main`, which represents the test."""

    letter: str
    test_type: str
    metric: Metric
    main: Point
    points: Sequence[ComparedPoint]


def points_of(shown: Iterable[Column]) -> list[TestPoints]:
    """Return the points of each test with several, with the verdicts that stay clear among all of these."""
    found = [made for column in shown for test in column.tests.values() for made in _of_test(column.letter, test)]
    kept = controlled(point.verdict for each in found for point in each.points)
    return [replace(each, points=[replace(point, verdict=next(kept)) for point in each.points]) for each in found]


def _of_test(letter: str, test: TestSamples) -> Iterator[TestPoints]:
    metric = METRICS.get(test.headline or "")
    if metric is None or len(test.points) < 2 or not test.in_blocks:  # noqa: PLR2004 - several points
        return
    main = test.points[test.main]
    compared = [_compared(test, point, main, metric) for point in test.points if test.at(point, metric.name)]
    if len(compared) > 1:
        yield TestPoints(letter, test.test_type, metric, main, compared)


def _compared(test: TestSamples, point: Point, main: Point, metric: Metric) -> ComparedPoint:
    values = test.at(point, metric.name)
    found = statistic(values, metric, test.options)
    verdict = None if point == main else evaluate.of_blocks(test.at(main, metric.name), values, metric, test.options)
    return ComparedPoint(point, found, verdict)
