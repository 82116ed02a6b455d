"""Charts of a compared test type of several points: for each model, a line for each alternative."""

from collections.abc import Sequence

from api.comparisons.alternatives import Alternative
from api.comparisons.tests import ComparedCell
from api.web.pages.charts.figures import Axis, Figure, Trace, median_trace
from api.web.pages.comparison.rows import TableRow
from api.web.pages.formatting import label, of_type, point_text


def charts(name: str, rows: Sequence[TableRow], alternatives: Sequence[Alternative]) -> list[Figure]:
    """Return the charts of the headline metric of test type `name`, one for each row of the alternatives."""
    keys = list(dict.fromkeys(row.row for row in rows))
    found = [_chart(name, [row for row in rows if row.row == key], alternatives) for key in keys]
    return [figure for figure in found if figure.traces]


def _chart(name: str, rows: Sequence[TableRow], alternatives: Sequence[Alternative]) -> Figure:
    metric, key = rows[0].metric, rows[0].row
    x = [point_text(row.point) for row in rows]
    traces = [_trace(one.title, x, [row.cells[number] for row in rows]) for number, one in enumerate(alternatives)]
    title = f"{f'{key}: ' if key else ''}{of_type(metric.name, name)}: median and 95 % interval"
    y = Axis(label(metric.name), metric.unit, better=metric.better)
    return Figure(
        title, Axis("", scale="category"), y, [trace for trace in traces if any(y is not None for y in trace.y)]
    )


def _trace(name: str, x: list[str], cells: Sequence[ComparedCell | None]) -> Trace:
    return median_trace(name, x, [cell.statistic if cell else None for cell in cells], look="line")
