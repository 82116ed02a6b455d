"""Comparison of columns with the baseline, test type by test type, with a verdict beside each number."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from api.web.pages.charts.figures import Figure
from api.web.pages.comparison.chart import chart
from api.web.pages.comparison.columns import Column
from api.web.pages.formatting import scaled
from common.catalogue.effort import REPETITIONS
from common.catalogue.metrics import METRICS, Metric
from common.catalogue.test_type import Point
from common.catalogue.test_types import TEST_TYPES
from common.stats import bootstrap, comparison
from common.stats.comparison import Difference, Outcome
from common.stats.distribution import Median
from common.store.history import TestSamples
from common.units import three_digits

Titles = Mapping[str, str]
"""Titles of columns by their letters."""


@dataclass(frozen=True)
class ComparedCell:
    """One metric in one column.

    `statistic` has the keys that `formatting.spread` reads. It is None if nothing was measured, and `absence` says why.
    `outcome` is None if the cell is not compared.
    """

    letter: str
    statistic: Median | None
    absence: str = ""
    difference: Difference | None = None
    outcome: Outcome | None = None

    @property
    def badge(self) -> str:
        """The CSS class of the outcome's badge."""
        return self.outcome.name.lower() if self.outcome else ""

    def change(self, unit: str) -> str:
        """Return the change from the baseline, such as `+12.3 % (10.1 to 14.2)`."""
        return change_text(self.difference, unit) if self.difference else ""


@dataclass(frozen=True)
class ComparedRow:
    """One metric at one point, with a cell for each column in order."""

    point: Point
    metric: Metric
    cells: tuple[ComparedCell, ...]

    @property
    def better(self) -> str:
        return {"lower": "lower is better", "higher": "higher is better", "neither": ""}[self.metric.better]


@dataclass(frozen=True)
class ComparedSection:
    """One test type in all columns.

    `rows` hold the headline metric at each point, `further` the other metrics at the main point. `unlike` holds, by
    column, the options whose difference rules out a verdict, and `failed` why a column has no results.
    """

    name: str
    question: str
    rows: list[ComparedRow]
    further: list[ComparedRow]
    unlike: dict[str, list[str]]
    failed: dict[str, str]
    figure: Figure

    def compared(self) -> list[ComparedCell]:
        """Return the cells of the headline metric that have an outcome."""
        return [cell for row in self.rows for cell in row.cells if cell.outcome]

    @property
    def is_shared(self) -> bool:
        """Whether more than one column has results."""
        return any(sum(cell.statistic is not None for cell in row.cells) > 1 for row in self.rows)


def change_text(difference: Difference, unit: str) -> str:
    """Return a change with its sign, unit and interval."""
    shown, factor = ("%", 1.0) if difference.relative else _unit(difference, unit)
    change = f"{_signed(difference.change / factor)} {shown}".rstrip()
    if difference.interval is None:
        return change
    low, high = difference.interval
    return f"{change} ({_signed(low / factor)} to {_signed(high / factor)})"


def _unit(difference: Difference, unit: str) -> tuple[str, float]:
    if unit == comparison.PERCENT_UNIT:
        return "points", 1.0
    largest = max(map(abs, (difference.change, *(difference.interval or ()))))
    number, shown = scaled(largest, unit)
    return shown, largest / number if number else 1.0


def _signed(value: float) -> str:
    digits = three_digits(abs(value))
    return digits if not float(digits) else f"{'+' if value > 0 else '−'}{digits}"


def test_types(shown: Sequence[Column]) -> list[str]:
    """Return the test types of all columns, in the catalogue's order."""
    present = dict.fromkeys(name for column in shown for name in column.tests)
    return [name for name in TEST_TYPES if name in present] + [name for name in present if name not in TEST_TYPES]


def section(name: str, shown: Sequence[Column], baseline: Column, names: Titles) -> ComparedSection:
    """Return the section of a test type."""
    known = TEST_TYPES.get(name)
    tests = {column.letter: column.tests.get(name) for column in shown}
    completed = [test for test in tests.values() if test and test.headline]
    unlike = {letter: _unlike(baseline.tests.get(name), test) for letter, test in tests.items()}
    compare = _Comparer(tests, baseline.letter, unlike)
    headline = known.headline if known else next((test.headline for test in completed if test.headline), None)
    points = [point for test in completed for point in test.points]
    main = next((test.points[test.main] for test in completed if test.points), {})
    rows = [compare.row(point, METRICS[headline]) for point in _unique(points)] if headline in METRICS else []
    return ComparedSection(
        name=name,
        question=known.question if known else "",
        rows=rows,
        further=[compare.row(main, METRICS[metric]) for metric in _others(completed, headline)],
        unlike={letter: found for letter, found in unlike.items() if found},
        failed={letter: test.message for letter, test in tests.items() if test and not test.headline and test.message},
        figure=chart(name, rows, names),
    )


def _unique(points: Iterable[Point]) -> list[Point]:
    return list({tuple(point.items()): point for point in points}.values())


def _others(completed: Iterable[TestSamples], headline: str | None) -> list[str]:
    """Return the metrics of any test except the headline metric and its copies."""
    found = {name for test in completed if test.samples for name in test.samples[test.main]}
    return [name for name in METRICS if name in found - {headline, "tokensPerSecond"}]


def _unlike(baseline: TestSamples | None, test: TestSamples | None) -> list[str]:
    """Return the options that make a test's numbers incomparable with the baseline's.

    Each value of an option with several values is a point, and points are compared one by one.
    """
    if baseline is None or test is None:
        return []
    names = dict.fromkeys([*baseline.options, *test.options])
    both = {name: (baseline.options.get(name), test.options.get(name)) for name in names if name not in REPETITIONS}
    return [name for name, pair in both.items() if pair[0] != pair[1] and not all(isinstance(v, list) for v in pair)]


class _Comparer:
    """The comparison of one test type's columns with the baseline."""

    def __init__(self, tests: Mapping[str, TestSamples | None], baseline: str, unlike: Mapping[str, list[str]]) -> None:
        self.tests = tests
        self.baseline = baseline
        self.unlike = unlike

    def row(self, point: Point, metric: Metric) -> ComparedRow:
        found = {letter: _samples(test, point, metric.name) for letter, test in self.tests.items()}
        return ComparedRow(point, metric, tuple(self._cell(letter, found, metric) for letter in self.tests))

    def _cell(self, letter: str, found: Mapping[str, Sequence[float]], metric: Metric) -> ComparedCell:
        samples, base = found[letter], found[self.baseline]
        if not samples:
            return ComparedCell(letter, None, _absence(self.tests[letter]))
        statistic: Median = {
            "value": median(samples),
            "unit": metric.unit,
            "n": len(samples),
            "ci95": bootstrap.interval(samples),
        }
        if letter == self.baseline or not base or self.unlike[letter]:
            return ComparedCell(letter, statistic)
        difference = comparison.difference(base, samples, metric.unit)
        return ComparedCell(letter, statistic, difference=difference, outcome=difference.outcome(metric.better))


def _samples(test: TestSamples | None, point: Point, metric: str) -> Sequence[float]:
    if test is None:
        return ()
    return test.samples[test.points.index(point)].get(metric, ()) if point in test.points else ()


def _absence(test: TestSamples | None) -> str:
    if test is None:
        return "not part of the session"
    return {"running": "not finished", "error": "failed"}.get(test.status, "not measured")
