"""Comparison of columns with the baseline, test type by test type, with a verdict on each number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial

from api.conclusions.comparisons.columns import Column
from api.conclusions.comparisons.evaluation import evaluate, verdicts
from api.conclusions.comparisons.evaluation.obstacles import obstacles
from api.conclusions.comparisons.evaluation.side import Side
from api.conclusions.comparisons.evaluation.unchanged_sessions import UnchangedSessions
from api.conclusions.comparisons.evaluation.verdicts import Verdict
from common.catalogue.metrics import METRICS, Metric
from common.catalogue.test_type import Point
from common.catalogue.test_types import TEST_TYPES
from common.stats.comparing.comparison import Outcome
from common.stats.distribution import Median
from common.store.earlier.samples import TestSamples

NOT_PART = "not part of the session"
NOT_THERE = "not measured there"


@dataclass(frozen=True)
class ComparedCell:
    """One metric in one column, compared with the column `against`.

    `statistic` is None if nothing was measured, and `absence` says why. `verdict` is None for the baseline, and if one
    of both has no value or is `incomparable`.
    """

    letter: str
    against: str
    statistic: Median | None
    absence: str = ""
    verdict: Verdict | None = None
    incomparable: bool = False

    @cached_property
    def outcome(self) -> Outcome | None:
        """The conclusion, None if there is nothing to compare."""
        if self.incomparable:
            return Outcome.INCOMPARABLE
        return self.verdict.outcome if self.verdict else None


@dataclass(frozen=True)
class ComparedRow:
    """One metric at one point, with a cell for each column in order."""

    point: Point
    metric: Metric
    cells: tuple[ComparedCell, ...]


@dataclass(frozen=True)
class ComparedTest:
    """One test type in all columns.

    `rows` hold the headline metric at each point, `further` the other metrics at the main point. `obstacles` holds, by
    column, why it is not comparable with the baseline, and `failed` why it has no results. `main` is the point that
    represents the test.
    """

    name: str
    rows: list[ComparedRow]
    further: list[ComparedRow]
    obstacles: Mapping[str, list[str]]
    failed: Mapping[str, str]
    main: Point = field(default_factory=dict)

    @property
    def answer(self) -> ComparedRow | None:
        """The headline metric at the main point, which answers the question of the test; None without results."""
        return next((row for row in self.rows if row.point == self.main), next(iter(self.rows), None))

    def compared(self) -> list[ComparedCell]:
        """Return the cells of the headline metric that have an outcome."""
        return [cell for row in self.rows for cell in row.cells if cell.outcome]


Sides = Mapping[str, Side]
"""The tests of one type by the letters of their columns."""


class Comparer:
    """The comparison of columns with others. `against` has by letter the one that each is compared with.

    `any_digest` compares a model with its replacement. `only_headlines` leaves out all other metrics.
    """

    def __init__(
        self,
        shown: Sequence[Column],
        against: Mapping[str, Column],
        *,
        any_digest: bool = False,
        only_headlines: bool = False,
    ) -> None:
        self.shown = shown
        self.against = against
        self.any_digest = any_digest
        self.only_headlines = only_headlines
        self._unchanged = UnchangedSessions()

    def test(self, name: str) -> ComparedTest:
        """Return the comparison of a test type, each verdict by itself."""
        sides = {one.letter: Side(one, one.tests[name]) for one in self.shown if name in one.tests}
        completed = [side.test for side in sides.values() if side.test.headline]
        headline = _headline(name, completed)
        points = list({tuple(point.items()): point for test in completed for point in test.points}.values())
        main = next((test.points[test.main] for test in completed if test.points), {})
        others = [] if self.only_headlines else _others(completed, headline)
        found = {column.letter: self._obstacles(column, sides) for column in self.shown}
        self._unchanged.read(self._compared(sides, found), headline if self.only_headlines else None)
        row = partial(self._row, sides=sides, found=found)
        return ComparedTest(
            name=name,
            rows=[row(point, METRICS[headline]) for point in points] if headline in METRICS else [],
            further=[row(main, METRICS[metric]) for metric in others],
            obstacles={letter: reasons for letter, reasons in found.items() if reasons},
            main=main,
            failed={
                letter: side.test.message for letter, side in sides.items() if _failed(side.test) and side.test.message
            },
        )

    def _compared(self, sides: Sides, found: Mapping[str, list[str]]) -> list[Side]:
        """Return the tests that are compared, and those that they are compared with, each once."""
        against = {letter: self.against[letter].letter for letter in sides if not found[letter]}
        letters = dict.fromkeys(one for pair in against.items() if pair[0] != pair[1] for one in pair)
        return [sides[letter] for letter in letters if letter in sides and sides[letter].test.headline]

    def _obstacles(self, column: Column, sides: Sides) -> list[str]:
        baseline, side = sides.get(self.against[column.letter].letter), sides.get(column.letter)
        if side is baseline or not (baseline and baseline.test.headline and side and side.test.headline):
            return []
        return obstacles(baseline, side, any_digest=self.any_digest)

    def _row(self, point: Point, metric: Metric, sides: Sides, found: Mapping[str, list[str]]) -> ComparedRow:
        cells = (self._cell(column, point, metric, sides, found[column.letter]) for column in self.shown)
        return ComparedRow(point, metric, tuple(cells))

    def _cell(self, column: Column, point: Point, metric: Metric, sides: Sides, reasons: Sequence[str]) -> ComparedCell:
        baseline = self.against[column.letter].letter
        side, base = sides.get(column.letter), sides.get(baseline)
        statistic = side.measured(point, metric) if side else None
        if not side or not statistic:
            return ComparedCell(column.letter, baseline, None, _absence(side.test if side else None, column))
        if side is base or not base or not base.measured(point, metric):
            return ComparedCell(column.letter, baseline, statistic)
        found = None if reasons else evaluate.verdict((base, side), point, metric, self._unchanged)
        return ComparedCell(column.letter, baseline, statistic, verdict=found, incomparable=bool(reasons))


def controlled(tests: Sequence[ComparedTest]) -> list[ComparedTest]:
    """Return the comparisons with the verdicts that stay clear among all of them.

    The headline metrics of all tests are evaluated together, and so are all further metrics.
    """
    rows, further = _controlled([test.rows for test in tests]), _controlled([test.further for test in tests])
    return [replace(test, rows=own, further=others) for test, own, others in zip(tests, rows, further, strict=True)]


def _controlled(rows_by_test: Sequence[list[ComparedRow]]) -> list[list[ComparedRow]]:
    kept = verdicts.controlled(cell.verdict for rows in rows_by_test for row in rows for cell in row.cells)
    return [
        [replace(row, cells=tuple(_with(cell, next(kept)) for cell in row.cells)) for row in rows]
        for rows in rows_by_test
    ]


def _with(cell: ComparedCell, verdict: Verdict | None) -> ComparedCell:
    return cell if verdict is cell.verdict else replace(cell, verdict=verdict)


def _headline(name: str, completed: Sequence[TestSamples]) -> str | None:
    if name in TEST_TYPES:
        return TEST_TYPES[name].headline
    return next((test.headline for test in completed), None)


def _others(completed: Sequence[TestSamples], headline: str | None) -> list[str]:
    """Return the metrics of any test except the headline metric and its copies."""
    found = {name for test in completed for name in test.main_metrics}
    return [name for name in METRICS if name in found - {headline, "tokensPerSecond"}]


def _failed(test: TestSamples) -> bool:
    return not test.headline


def _absence(test: TestSamples | None, column: Column) -> str:
    if test is None:
        return NOT_THERE if column.machine else NOT_PART
    if test.pruned:
        return "runs were deleted, because the session is old"
    return {"running": "not finished", "error": "failed"}.get(test.status, "not measured")
