"""Cells of the tables as HTML. A page has hundreds, and in a template they take twice as long."""

from collections.abc import Mapping

from markupsafe import Markup, escape

from api.conclusions.comparisons.compared_tests import ComparedCell
from api.web.pages.comparison.rows import TableRow, badge, interval_text, parts, remark
from api.web.pages.comparison.shown_comparison import ShownComparison
from api.web.pages.presentation.formatting import quantity

NOTHING = '<td class="nothing"><span class="visually-hidden">not part of the session</span></td>\n'
MAX_SHORT = 8
"""Letters of an outcome that fit beside a change."""


def cells(
    row: TableRow, comparison: ShownComparison, grades: Mapping[str, str | None], marks: Mapping[str | None, Markup]
) -> Markup:
    """Return the cells of a row. `grades` are by letter, `marks` are the HTML of each grade."""
    found = (_cell(cell, row, comparison, _mark(cell, grades, marks)) if cell else NOTHING for cell in row.cells)
    return Markup("".join(found))  # noqa: S704 - escaped below


def _mark(cell: ComparedCell, grades: Mapping[str, str | None], marks: Mapping[str | None, Markup]) -> str:
    return f" {marks[grades[cell.letter]]}" if cell.letter in grades else ""


def _cell(cell: ComparedCell, row: TableRow, comparison: ShownComparison, mark: str) -> str:
    if not cell.statistic:
        return f'<td class="nothing small">{escape(cell.absence)}</td>\n'
    value = f"{quantity(cell.statistic['value'], cell.statistic['unit'])}{mark}"
    if not cell.outcome:
        return f'<td><span class="value">{value}</span> {_spread(interval_text(cell))}</td>\n'
    change, interval = parts(cell)
    shown = f'<span class="value{" one-unit" if row.has_one_unit else ""}">{value}</span>'
    return (
        f'<td class="outcome {badge(cell.outcome)}">\n'
        f'  <span class="line">{_outcome(cell, change, comparison)}</span>\n'
        f'  <span class="line">{_spread(interval) if interval else ""} {shown}</span>\n'
        f"{_notes(cell, row, comparison)}</td>\n"
    )


def _outcome(cell: ComparedCell, change: str, comparison: ShownComparison) -> str:
    """Return the change, what it means and its drawing."""
    is_unclear, outcome = badge(cell.outcome) == "unclear", str(cell.outcome)
    sign = '<span aria-hidden="true">≈</span> ' if is_unclear else ""
    size = f'<span class="size">{sign}{escape(change)}</span> ' if change else ""
    look = (" visually-hidden" if is_unclear else "") + (" long" if len(outcome) > MAX_SHORT else "")
    bar = comparison.scale.bar(cell)
    drawing = bar.drawing(with_size=not is_unclear) if bar else ""
    return f'{size}<span class="word{look}">{escape(outcome)}</span>{drawing}'


def _notes(cell: ComparedCell, row: TableRow, comparison: ShownComparison) -> str:
    note = "" if comparison.is_large else remark(cell)
    other = cell.against != row.baseline and f"compared with {comparison.names.full(cell.against)}"
    return "".join(_spread(text) for text in (note, other) if text)


def _spread(text: str) -> str:
    return f'<span class="spread">{escape(text)}</span>'
