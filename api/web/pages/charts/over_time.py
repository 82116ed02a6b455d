"""A metric over the minutes of a test, with the clocks and temperatures of the machine."""

from collections.abc import Iterator, Sequence

from api.web.pages.charts.dots import precise, value_axis
from api.web.pages.charts.figures import Axis, Figure, Trace
from api.web.pages.presentation.colours import COLOURS
from api.web.pages.session.measured_test import MeasuredTest
from common.catalogue.charts import TimeChart
from common.catalogue.readings import READINGS, Measure

MINUTE_MS = 60_000


def over_time(chart: TimeChart, tests: Sequence[MeasuredTest]) -> list[Figure]:
    """Draw a figure for each panel of which there are readings; if there are none, one figure with the metric alone."""
    panels = [
        _figure(panel.title, chart.metric, tests, panel.readings, Axis(panel.axis, READINGS[panel.readings[0]].unit))
        for panel in chart.panels
    ]
    with_readings = [figure for figure in panels if figure.y2]
    return with_readings or [_figure(chart.title, chart.metric, tests, (), Axis(""))]


def _figure(
    title: str, metric: str, tests: Sequence[MeasuredTest], readings: Sequence[Measure], second: Axis
) -> Figure:
    beside = [trace for test in tests for trace in _readings(test, readings)]
    runs = [_runs(test, metric) for test in tests]
    y2 = second if beside else None
    return Figure(title, Axis("since its first run", "min"), value_axis(metric), [*runs, *beside], y2=y2)


def _runs(test: MeasuredTest, metric: str) -> Trace:
    return Trace(
        test.model,
        _minutes(test),
        [precise(run.metrics.get(metric)) for run in test.runs],
        notes=[f"run {run.repetition}" for run in test.runs],
        series=test.series,
        hollow=[bool(test.verdicts_on(run)) for run in test.runs],
        tabled=False,
    )


def _minutes(test: MeasuredTest) -> list[float | None]:
    """Return when each run began, in minutes after the first."""
    first = test.during_runs[0].start if test.during_runs else None
    return [
        None if run.start is None or first is None else round((run.start - first) / MINUTE_MS, 3)
        for run in test.during_runs
    ]


def _readings(test: MeasuredTest, names: Sequence[Measure]) -> Iterator[Trace]:
    for number, name in enumerate(names, start=1):
        values = [precise(run.observed[name]) for run in test.during_runs]
        if any(value is not None for value in values):
            title = f"{test.model}, {READINGS[name].label}"
            series = test.series + COLOURS * number  # its colour, and another symbol and dash
            yield Trace(title, _minutes(test), values, series=series, tabled=False, second=True)
