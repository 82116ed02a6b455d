"""Sections of the page: the points, charts and further metrics of one compared test type."""

from collections.abc import Sequence
from dataclasses import dataclass

from api.conclusions.comparisons.alternatives import Alternative
from api.conclusions.comparisons.compared_tests import ComparedTest
from api.web.pages.charts.figures import Figure
from api.web.pages.comparison.chart import charts
from api.web.pages.comparison.rows import TableRow, rows_of
from common.catalogue.metrics import Metric
from common.catalogue.test_type import Point
from common.catalogue.test_types import TEST_TYPES


@dataclass(frozen=True)
class ComparedSection:
    """One test type of all alternatives. `points` are empty if it has one point, which the first table shows."""

    test: ComparedTest
    points: Sequence[TableRow]
    further: Sequence[TableRow]
    charts: Sequence[Figure]

    @property
    def name(self) -> str:
        return self.test.name

    @property
    def question(self) -> str:
        return TEST_TYPES[self.name].question if self.name in TEST_TYPES else ""


def section(test: ComparedTest, alternatives: Sequence[Alternative]) -> ComparedSection:
    points = rows_of(test.rows, alternatives) if len(test.rows) > 1 else []
    return ComparedSection(test, points, rows_of(test.further, alternatives), charts(test.name, points, alternatives))


@dataclass(frozen=True)
class Answers:
    """The answers to the question of one test type: its headline metric at the main point, a row for each model."""

    test: ComparedTest
    rows: Sequence[TableRow]

    @property
    def title(self) -> str:
        return TEST_TYPES[self.test.name].title if self.test.name in TEST_TYPES else self.test.name

    @property
    def is_suggested(self) -> bool:
        return self.test.name in TEST_TYPES and TEST_TYPES[self.test.name].suggested

    @property
    def metric(self) -> Metric:
        return self.rows[0].metric

    @property
    def point(self) -> Point:
        return self.rows[0].point


def answers(tests: Sequence[ComparedTest], alternatives: Sequence[Alternative]) -> list[Answers]:
    """Return the answers, those that most people ask for first."""
    found = [Answers(test, rows_of([test.answer], alternatives)) for test in tests if test.answer]
    return sorted((answer for answer in found if answer.rows), key=lambda answer: not answer.is_suggested)
