"""A metric over what it was measured at: medians and their intervals as a line a model, each run as a dot."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from math import ceil
from typing import Any

from api.web.pages.charts.dots import dots, value_axis
from api.web.pages.charts.figures import Axis, Figure, Mark, Trace, median_trace
from api.web.pages.presentation.colours import COLOURS
from api.web.pages.presentation.formatting import point_text
from api.web.pages.session.measured_test import MeasuredTest
from common.catalogue.charts import CurveChart, PointAxis
from common.catalogue.test_type import Point
from common.stats.distribution import Distributions
from common.store.reads.runs import RunMetrics

MAX_NAMES = 40
"""Letters of the names of models that fit above a chart."""


def medians(chart: CurveChart, tests: Sequence[MeasuredTest], marks: Sequence[Mark] = ()) -> Figure:
    """Draw the medians of each model as a line, with the runs as dots."""
    axis = Axis(chart.axis.title, chart.axis.unit, chart.axis.scale, whole=chart.axis.whole)
    traces = [trace for test in tests for trace in _of_model(test, chart, _apart(tests))]
    return Figure(chart.title, axis, value_axis(chart.metric), traces, marks)


def with_p95(figure: Figure, chart: CurveChart, tests: Sequence[MeasuredTest]) -> Figure:
    """Add the 95th percentiles, if there are enough values to know them."""
    known = [_p95(test, chart, _apart(tests)) for test in tests]
    added = [trace for trace in known if any(y is not None for y in trace.y)]
    return replace(figure, traces=[*figure.traces, *added])


def has_several_places(tests: Iterable[MeasuredTest], axis: PointAxis) -> bool:
    """Return True if there is more than one value on this axis."""
    return len({tuple(map(point.get, axis.names)) for test in tests for point, _ in test.points}) > 1


def _apart(tests: Sequence[MeasuredTest]) -> int:
    """Return by how much the series of one model's lines differ, so that only their symbols and dashes do."""
    return COLOURS * ceil((1 + max(test.series for test in tests)) / COLOURS)


def _of_model(test: MeasuredTest, chart: CurveChart, apart: int) -> Iterator[Trace]:
    for number, (rest, points) in enumerate(_lines(test, chart.axis)):
        series = test.series + apart * number
        yield _line(test, chart.metric, points, rest, series)
    yield from _runs(test, chart)


def _place(axis: PointAxis, point: Point, statistics: Distributions) -> float | None:
    """Return where a point is on the axis; None if it has no value for it."""
    if axis.metric:
        found = statistics.get(axis.metric)
        return found["value"] if found else None
    value = point.get(axis.name)
    return value if isinstance(value, int | float) else None


def _lines(test: MeasuredTest, axis: PointAxis) -> list[tuple[Point, list[tuple[float, Distributions]]]]:
    """Return the points grouped by all conditions but x, such as those of an embedding with one length."""
    found: dict[tuple[Any, ...], list[tuple[float, Distributions]]] = {}
    for point, statistics in test.points:
        x = _place(axis, point, statistics)
        if x is not None:
            rest = tuple((name, value) for name, value in point.items() if name not in axis.names)
            found.setdefault(rest, []).append((x, statistics))
    return [(dict(rest), sorted(points, key=lambda each: each[0])) for rest, points in found.items()]


def _line(
    test: MeasuredTest, metric: str, points: Sequence[tuple[float, Distributions]], rest: Point, series: int
) -> Trace:
    name = ", ".join(filter(None, (test.model, point_text(rest))))
    found = [statistics.get(metric) for _, statistics in points]
    return median_trace(name, [round(x, 4) for x, _ in points], found, series=series)


def _runs(test: MeasuredTest, chart: CurveChart) -> Iterator[Trace]:
    """Of all points in one trace, as each takes time to draw; only of points that whole runs were measured at: a turn
    has no runs of its own.
    """
    runs, places = list[RunMetrics](), list[float]()
    for index, conditions_at in enumerate(test.run_conditions):
        statistics = next((found for point, found in test.points if point == conditions_at), None)
        x = None if statistics is None else _place(chart.axis, conditions_at, statistics)
        if x is not None:
            runs += test.runs_at(index)
            places += [x] * len(test.runs_at(index))
    if runs:
        yield dots(test, runs, chart.metric, places)


def _p95(test: MeasuredTest, chart: CurveChart, apart: int) -> Trace:
    points = next((points for _, points in _lines(test, chart.axis)), [])
    found = [statistics.get(chart.metric) for _, statistics in points]
    x = [round(x, 4) for x, _ in points]
    y = [each["p95"] if each else None for each in found]
    bounds = [(each and each.get("p95ci95")) or (None, None) for each in found]
    low, high = [bound for bound, _ in bounds], [bound for _, bound in bounds]
    return Trace(f"{test.model}, 95th percentile", x, y, low, high, series=test.series + apart)


def knees(tests: Sequence[MeasuredTest]) -> list[Mark]:
    """Where more users bring no more, of each model; models that share one share its mark."""
    places: dict[float, list[str]] = {}
    for test in tests:
        knee = test.metrics.get("kneeUsers")
        if knee is not None:
            places.setdefault(float(knee), []).append(test.model)
    return [Mark(at, _knee(models, len(tests)) + _range(tests)) for at, models in sorted(places.items())]


def _range(tests: Sequence[MeasuredTest]) -> str:
    """Return the range of the knee of a single model; empty if it is one number, or unknown."""
    low, high = (tests[0].metrics.get(f"kneeUsers{end}") for end in ("Low", "High"))
    return f" ({low:.0f} to {high:.0f})" if len(tests) == 1 and low and high and low < high else ""


def _knee(models: Sequence[str], of: int) -> str:
    if of == 1:
        return "knee"
    named = ", ".join(models)
    return f"knee: {named}" if len(named) <= MAX_NAMES else f"knee of {len(models)} models"
