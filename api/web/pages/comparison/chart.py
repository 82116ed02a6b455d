"""Charts of a compared test type of several points: for each model, a line for each alternative."""

from collections.abc import Sequence

from api.conclusions.comparisons.alternatives import Alternative
from api.web.pages.charts.figures import Axis, Figure, median_trace
from api.web.pages.comparison.rows import TableRow
from api.web.pages.presentation.colours import model_series
from api.web.pages.presentation.formatting import label, of_type, point_text
from common.stats.distribution import Median


def charts(name: str, rows: Sequence[TableRow], alternatives: Sequence[Alternative]) -> list[Figure]:
    """Return the charts of the headline metric of test type `name`, one for each row of the alternatives."""
    keys = list(dict.fromkeys(row.row for row in rows))
    found = [_chart(name, [row for row in rows if row.row == key], alternatives) for key in keys]
    return [figure for figure in found if figure.traces]


def _chart(name: str, rows: Sequence[TableRow], alternatives: Sequence[Alternative]) -> Figure:
    metric, key = rows[0].metric, rows[0].row
    x, unit = _without_unit([point_text(row.point) for row in rows])
    series = _series(alternatives)
    traces = [
        median_trace(one.title, x, [_statistic(row, number) for row in rows], series=series[number])
        for number, one in enumerate(alternatives)
    ]
    title = f"{key}: {label(metric.name)}" if key else of_type(metric.name, name)
    y = Axis(label(metric.name), metric.unit, better=metric.better)
    return Figure(
        title, Axis(unit, scale="category"), y, [trace for trace in traces if any(y is not None for y in trace.y)]
    )


def _without_unit(points: Sequence[str]) -> tuple[list[str], str]:
    """Return the names of points without the words that all end with, and these words, such as `prompt tokens`."""
    firsts, units = zip(*(point.partition(" ")[::2] for point in points), strict=True)
    return ([*firsts], units[0]) if len(set(units)) == 1 else ([*points], "")


def _statistic(row: TableRow, number: int) -> Median | None:
    cell = row.cells[number]
    return cell.statistic if cell else None


def _series(alternatives: Sequence[Alternative]) -> list[int]:
    """Return the numbers of the alternatives' colours: those of their models, if models are compared."""
    if any(row for one in alternatives for row in one.columns):
        return [*range(len(alternatives))]
    models = [one.first.model["name"] for one in alternatives]
    colours = model_series(models)
    return [colours[model] for model in models] if len(set(models)) == len(models) else [*range(len(models))]
