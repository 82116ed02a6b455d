"""Sections of the page: one compared test type each, with its chart and the words for its verdicts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

from api.comparisons.tests import ComparedCell, ComparedRow, ComparedTest
from api.comparisons.verdicts import Verdict
from api.web.pages.charts.figures import Figure
from api.web.pages.comparison.chart import chart
from api.web.pages.formatting import scaled
from common.catalogue.metrics import Metric
from common.catalogue.test_types import TEST_TYPES
from common.stats.comparing.comparison import PERCENT_UNIT, Difference, Outcome
from common.units import three_digits

Titles = Mapping[str, str]
"""Titles of columns by their letters."""
BADGES = {Outcome.FASTER: "better", Outcome.SLOWER: "worse", Outcome.UNEXPLAINED_HERE: "unexplained"}


@dataclass(frozen=True)
class ComparedSection:
    """One test type in all columns, as the page shows it."""

    test: ComparedTest
    question: str
    figure: Figure

    @property
    def name(self) -> str:
        return self.test.name


def section(test: ComparedTest, names: Titles) -> ComparedSection:
    known = TEST_TYPES.get(test.name)
    return ComparedSection(test, known.question if known else "", chart(test.name, test.rows, names))


def better_text(metric: Metric) -> str:
    return {"lower": "lower is better", "higher": "higher is better", "neither": ""}[metric.better]


def badge(cell: ComparedCell) -> str:
    """Return the CSS class of the outcome's badge."""
    return BADGES.get(cell.outcome, cell.outcome.name.lower()) if cell.outcome else ""


def verdict_text(row: ComparedRow, cell: ComparedCell) -> str:
    """Return the change from the baseline, such as `+12.3 % (+10.1 to +14.2)`, and what could have been seen."""
    if cell.verdict is None:
        return ""
    change = change_text(cell.verdict.difference, row.metric.unit)
    return "; ".join([change, *_remarks(cell.verdict, row.metric.unit)])


def _remarks(verdict: Verdict, unit: str) -> Sequence[str]:
    """Return why a difference is not clear."""
    if verdict.hidden:
        return ["clear by itself, but not among so many comparisons"]
    smallest = verdict.difference.detectable
    if verdict.outcome != Outcome.UNCLEAR or smallest is None or not isfinite(smallest):
        return []
    return [f"smallest detectable change {size_text(smallest, unit, relative=verdict.difference.relative)}"]


def size_text(change: float, unit: str, *, relative: bool) -> str:
    """Return the size of a change, such as `2.9 %`."""
    shown, factor = ("%", 1.0) if relative else _unit(abs(change), unit)
    return f"{three_digits(abs(change) / factor)} {shown}".rstrip()


def change_text(difference: Difference, unit: str) -> str:
    """Return a change with its sign, unit and interval."""
    known = [abs(value) for value in (difference.change, *(difference.interval or ())) if isfinite(value)]
    shown, factor = ("%", 1.0) if difference.relative else _unit(max(known, default=0.0), unit)
    change = f"{_signed(difference.change / factor)} {shown}".rstrip()
    if difference.interval is None:
        return change
    low, high = difference.interval
    return f"{change} ({_signed(low / factor)} to {_signed(high / factor)})"


def _unit(largest: float, unit: str) -> tuple[str, float]:
    """Return the unit that fits the largest number of several, and its size."""
    if unit == PERCENT_UNIT:
        return "points", 1.0
    number, shown = scaled(largest, unit)
    return shown, largest / number if number else 1.0


def _signed(value: float) -> str:
    digits = three_digits(abs(value)) if isfinite(value) else "∞"
    return digits if digits != "∞" and not float(digits) else f"{'+' if value > 0 else '−'}{digits}"
