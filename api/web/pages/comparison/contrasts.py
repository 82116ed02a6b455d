"""Columns held against the baseline, test type by test type, with the words that stand beside the numbers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Literal

from api.web.pages.charts.figures import Axis, Figure, Trace
from api.web.pages.comparison.columns import Column
from api.web.pages.formatting import label, of_type, point_text, scaled
from common.catalogue.metrics import METRICS, Metric
from common.catalogue.test_types import Point, TestType
from common.stats import comparison
from common.stats.comparison import Difference, Outcome
from common.store.history import TestSamples
from common.units import three_digits

Json = dict[str, Any]
Titles = Mapping[str, str]
MOST_BELOW = 120
"""Letters of names that stand below a chart's bars without being turned."""

HOW_OFTEN = ("minRepetitions", "maxRepetitions")
"""Options that change how well a number is known, and not what it is of."""


@dataclass(frozen=True)
class Cell:
    """`statistic` is as `words.spread` reads it; None where nothing was measured, which `absence` explains. No `word`
    where nothing is compared.
    """

    letter: str
    statistic: Json | None
    absence: str = ""
    difference: Difference | None = None
    word: Outcome | None = None

    @property
    def look(self) -> str:
        """The class of the word's badge."""
        return self.word.name.lower() if self.word else ""

    def told(self, unit: str) -> str:
        """`+12.3 % (10.1 to 14.2)`."""
        return told(self.difference, unit) if self.difference else ""


@dataclass(frozen=True)
class Row:
    """A metric at a point; the cells are in the order of the columns."""

    point: Point
    metric: Metric
    cells: tuple[Cell, ...]

    @property
    def better(self) -> str:
        return {"lower": "less is better", "higher": "more is better", "neither": ""}[self.metric.better]


@dataclass(frozen=True)
class Section:
    """A test type: its `rows` have the headline metric at each point, `further` the other metrics at the main one.
    `unlike` are the options that forbid a verdict, by column, `failed` why a column has no numbers.
    """

    name: str
    question: str
    rows: list[Row]
    further: list[Row]
    unlike: dict[str, list[str]]
    failed: dict[str, str]
    figure: Figure

    def compared(self) -> list[Cell]:
        """The cells of the headline metric that have a word."""
        return [cell for row in self.rows for cell in row.cells if cell.word]

    @property
    def is_shared(self) -> bool:
        """Whether more than one column has numbers of it."""
        return any(sum(cell.statistic is not None for cell in row.cells) > 1 for row in self.rows)


def told(difference: Difference, unit: str) -> str:
    """A change with its sign, its unit and its interval."""
    shown, factor = ("%", 1.0) if difference.relative else _unit(difference, unit)
    change = f"{_signed(difference.change / factor)} {shown}".rstrip()
    if difference.interval is None:
        return change
    low, high = difference.interval
    return f"{change} ({_signed(low / factor)} to {_signed(high / factor)})"


def _unit(difference: Difference, unit: str) -> tuple[str, float]:
    if unit == comparison.POINTS:
        return "points", 1.0
    largest = max(map(abs, (difference.change, *(difference.interval or ()))))
    number, shown = scaled(largest, unit)
    return shown, largest / number if number else 1.0


def _signed(value: float) -> str:
    digits = three_digits(abs(value))
    return digits if not float(digits) else f"{'+' if value > 0 else '−'}{digits}"


def sections(shown: Sequence[Column], baseline: Column, known: Mapping[str, TestType], names: Titles) -> list[Section]:
    """Every test type that any of the columns has, in the catalogue's order."""
    present = dict.fromkeys(name for column in shown for name in column.tests)
    ordered = [name for name in known if name in present] + [name for name in present if name not in known]
    return [_section(name, shown, baseline, known.get(name), names) for name in ordered]


def _section(name: str, shown: Sequence[Column], baseline: Column, known: TestType | None, names: Titles) -> Section:
    tests = {column.letter: column.tests.get(name) for column in shown}
    completed = [test for test in tests.values() if test and test.headline]
    unlike = {letter: _unlike(baseline.tests.get(name), test) for letter, test in tests.items()}
    compare = _Comparer(tests, baseline.letter, unlike)
    headline = known.headline if known else next((test.headline for test in completed if test.headline), None)
    points = [point for test in completed for point in test.points]
    main = next((test.points[test.main] for test in completed if test.points), {})
    rows = [compare.row(point, METRICS[headline]) for point in _unique(points)] if headline in METRICS else []
    return Section(
        name=name,
        question=known.question if known else "",
        rows=rows,
        further=[compare.row(main, METRICS[metric]) for metric in _others(completed, headline)],
        unlike={letter: found for letter, found in unlike.items() if found},
        failed={letter: test.message for letter, test in tests.items() if test and not test.headline and test.message},
        figure=_figure(name, rows, names),
    )


def _unique(points: Iterable[Point]) -> list[Point]:
    return list({tuple(point.items()): point for point in points}.values())


def _others(completed: Iterable[TestSamples], headline: str | None) -> list[str]:
    """The metrics beside the headline's that any of the tests has, but those that only repeat it."""
    found = {name for test in completed if test.samples for name in test.samples[test.main]}
    return [name for name in METRICS if name in found - {headline, "tokensPerSecond"}]


def _unlike(baseline: TestSamples | None, test: TestSamples | None) -> list[str]:
    """The options in which a test differs from the baseline's so that their numbers are of different things.

    Of options with several values each value is a point, and points are compared one by one.
    """
    if baseline is None or test is None:
        return []
    names = dict.fromkeys([*baseline.options, *test.options])
    both = {name: (baseline.options.get(name), test.options.get(name)) for name in names if name not in HOW_OFTEN}
    return [name for name, pair in both.items() if pair[0] != pair[1] and not all(isinstance(v, list) for v in pair)]


class _Comparer:
    """Makes the rows of one test type."""

    def __init__(self, tests: Mapping[str, TestSamples | None], baseline: str, unlike: Mapping[str, list[str]]) -> None:
        self.tests = tests
        self.baseline = baseline
        self.unlike = unlike

    def row(self, point: Point, metric: Metric) -> Row:
        found = {letter: _samples(test, point, metric.name) for letter, test in self.tests.items()}
        return Row(point, metric, tuple(self._cell(letter, found, metric) for letter in self.tests))

    def _cell(self, letter: str, found: Mapping[str, Sequence[float]], metric: Metric) -> Cell:
        mine, base = found[letter], found[self.baseline]
        if not mine:
            return Cell(letter, None, _absence(self.tests[letter]))
        statistic = {"value": median(mine), "unit": metric.unit, "n": len(mine), "ci95": comparison.interval(mine)}
        if letter == self.baseline or not base or self.unlike[letter]:
            return Cell(letter, statistic)
        difference = comparison.difference(base, mine, metric.unit)
        return Cell(letter, statistic, difference=difference, word=difference.word(metric.better))


def _samples(test: TestSamples | None, point: Point, metric: str) -> Sequence[float]:
    if test is None or point not in test.points:
        return ()
    return test.samples[test.points.index(point)].get(metric, ())


def _absence(test: TestSamples | None) -> str:
    if test is None:
        return "not asked for"
    return {"running": "not finished", "error": "failed"}.get(test.status, "not measured")


def _figure(name: str, rows: Sequence[Row], names: Titles) -> Figure:
    """Bars beside each other for a test of one point, else a line for each column over the points."""
    if not rows:
        return Figure(name, Axis(""), Axis(""), [])
    metric = rows[0].metric
    y = Axis(label(metric.name), metric.unit, better=metric.better)
    title = f"{of_type(metric.name, name)}: median and 95 % interval"
    if len(rows) == 1:
        category = Axis("", scale="category")
        return Figure(title, category, y, [_trace("median", _places(names), rows[0].cells, "bars")])
    x = [point_text(row.point) for row in rows]
    traces = [
        _trace(names[cell.letter], x, [row.cells[i] for row in rows], "line") for i, cell in enumerate(rows[0].cells)
    ]
    return Figure(
        title, Axis("", scale="category"), y, [trace for trace in traces if any(y is not None for y in trace.y)]
    )


def _places(names: Titles) -> list[str]:
    """What stands below the bars: the letters alone where whole names would take the room of the chart."""
    room = sum(map(len, names.values()))
    return [*names.values()] if room <= MOST_BELOW else [*names]


def _trace(name: str, x: list[str], cells: Sequence[Cell], look: Literal["line", "bars"]) -> Trace:
    known = [cell.statistic or {} for cell in cells]
    bounds = [statistic.get("ci95") or (None, None) for statistic in known]
    return Trace(
        name,
        x,
        [statistic.get("value") for statistic in known],
        [low for low, _ in bounds],
        [high for _, high in bounds],
        look,
        [f"n = {statistic['n']}" if statistic else "" for statistic in known],
    )
