"""The chart of one compared test type: bars for a test of one point, otherwise a line for each column."""

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

from api.web.pages.charts.figures import Axis, Figure, Trace, median_trace
from api.web.pages.formatting import label, of_type, point_text
from common.catalogue.metrics import Metric
from common.catalogue.test_type import Point
from common.stats.distribution import Median

MAX_LETTERS_BELOW = 120
"""Total length of names that fit below the bars of a chart without being turned."""


class ChartedCell(Protocol):
    @property
    def letter(self) -> str: ...
    @property
    def statistic(self) -> Median | None: ...


class ChartedRow(Protocol):
    @property
    def point(self) -> Point: ...
    @property
    def metric(self) -> Metric: ...
    @property
    def cells(self) -> Sequence[ChartedCell]: ...


def chart(name: str, rows: Sequence[ChartedRow], names: Mapping[str, str]) -> Figure:
    """Return the chart of the headline metric of test type `name`. `names` are the titles of the columns."""
    if not rows:
        return Figure(name, Axis(""), Axis(""), [])
    metric = rows[0].metric
    y = Axis(label(metric.name), metric.unit, better=metric.better)
    title = f"{of_type(metric.name, name)}: median and 95 % interval"
    if len(rows) == 1:
        category = Axis("", scale="category")
        return Figure(title, category, y, [_trace("median", _bar_names(names), rows[0].cells, "bars")])
    x = [point_text(row.point) for row in rows]
    traces = [
        _trace(names[cell.letter], x, [row.cells[i] for row in rows], "line") for i, cell in enumerate(rows[0].cells)
    ]
    return Figure(
        title, Axis("", scale="category"), y, [trace for trace in traces if any(y is not None for y in trace.y)]
    )


def _bar_names(names: Mapping[str, str]) -> list[str]:
    """Return the names below the bars: only letters if whole names would not fit."""
    length = sum(map(len, names.values()))
    return [*names.values()] if length <= MAX_LETTERS_BELOW else [*names]


def _trace(name: str, x: list[str], cells: Sequence[ChartedCell], look: Literal["line", "bars"]) -> Trace:
    return median_trace(name, x, [cell.statistic for cell in cells], look=look)
