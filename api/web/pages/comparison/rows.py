"""The tables of the page: a row for each model and metric, a column for each alternative."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from api.conclusions.comparisons.alternatives import Alternative
from api.conclusions.comparisons.compared_tests import NOT_PART, NOT_THERE, ComparedCell, ComparedRow
from api.conclusions.comparisons.evaluation.points import ComparedPoint
from api.conclusions.comparisons.words import sentences
from api.web.pages.charts.svg.scales import BETTER
from api.web.pages.presentation.formatting import range_text, samples
from common.catalogue.metrics import Metric
from common.catalogue.test_type import Point
from common.stats.comparing.comparison import Outcome
from common.values.units import number_and_unit

BADGES = {Outcome.FASTER: "better", Outcome.SLOWER: "worse", Outcome.UNEXPLAINED_HERE: "unexplained"}


@dataclass(frozen=True)
class TableRow:
    """One metric of a row of the alternatives: of a model, or of the only row. `cells` are in their order.

    A cell is None if the alternative does not have this model.
    """

    row: str
    metric: Metric
    point: Point
    cells: Sequence[ComparedCell | None]

    @cached_property
    def baseline(self) -> str:
        """The letter of the column that most cells are compared with."""
        against = [cell.against for cell in self.cells if cell]
        return max(against, key=against.count, default="")

    @cached_property
    def has_one_unit(self) -> bool:
        """Whether all values are shown in one unit, so that it need not stand in every cell."""
        values = (cell.statistic["value"] for cell in self.cells if cell and cell.statistic)
        return len({number_and_unit(value, self.metric.unit)[1] for value in values if value is not None}) == 1


def rows_of(compared: Iterable[ComparedRow], alternatives: Sequence[Alternative]) -> list[TableRow]:
    """Return a table's rows, those of one metric and point together. A row that no session has is left out."""
    return [row for each in compared for row in _rows(each, alternatives)]


def _rows(compared: ComparedRow, alternatives: Sequence[Alternative]) -> Iterator[TableRow]:
    by_letter = {cell.letter: cell for cell in compared.cells}
    for row in dict.fromkeys(row for one in alternatives for row in one.columns):
        letters = [one.columns[row].letter if row in one.columns else None for one in alternatives]
        cells = [None if letter is None else by_letter[letter] for letter in letters]
        if any(cell and cell.absence not in (NOT_PART, NOT_THERE) for cell in cells):
            yield TableRow(row, compared.metric, compared.point, cells)


def better_text(metric: Metric) -> str:
    return BETTER[metric.better]


def badge(outcome: Outcome | None) -> str:
    """Return the CSS class of an outcome's badge."""
    return BADGES.get(outcome, outcome.name.lower()) if outcome else ""


def interval_text(cell: ComparedCell) -> str:
    """Return the interval of a value, or how many values it comes from if there is none."""
    found = cell.statistic
    return "" if found is None else range_text(found["ci95"], found["unit"]) if found["ci95"] else samples(found)


def parts(cell: ComparedCell) -> tuple[str, str]:
    """Return the change of a cell and its interval, both empty if there is no verdict."""
    verdict = cell.verdict
    return sentences.change_parts(verdict.difference, verdict.metric.unit) if verdict else ("", "")


def remark(cell: ComparedCell) -> str:
    """Return why a verdict is not clear, or the smallest change that would have been; empty if it is clear."""
    verdict = cell.verdict
    if verdict is None:
        return ""
    if verdict.hidden or verdict.outcome == Outcome.TOO_FEW:
        return "; ".join(sentences.reasons(verdict))
    found = sentences.smallest_change(verdict) if verdict.outcome == Outcome.UNCLEAR else None
    if found is None:
        return ""
    size = sentences.size_text(found, verdict.metric.unit, relative=verdict.difference.relative)
    return f"smallest detectable change {size}"


def verdict_text(compared: ComparedCell | ComparedPoint) -> str:
    """Return the change from the baseline in words, empty if there is no verdict."""
    return sentences.verdict_text(compared.verdict) if compared.verdict else ""
