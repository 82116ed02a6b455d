"""The charts of a test type, with all models of a session, as `common/catalogue/test_types` declares them."""

from collections.abc import Iterator, Sequence

from api.web.pages.charts.curves import has_several_places, knees, medians, with_p95
from api.web.pages.charts.dots import lanes
from api.web.pages.charts.figures import Figure
from api.web.pages.charts.over_time import over_time
from api.web.pages.session.measured_test import MeasuredTest
from common.catalogue.charts import Chart, CurveChart, RunsChart, TimeChart
from common.catalogue.test_types import TEST_TYPES

Tests = Sequence[MeasuredTest]


def charts(test_type: str, tests: Tests) -> list[Figure]:
    """Draw the charts of a test type for its completed tests, without empty charts."""
    figures = [figure for chart in _declared(test_type, tests) for figure in _draw(chart, tests)]
    return [figure for figure in figures if not figure.is_empty()]


def charted_metrics(test_type: str) -> set[str]:
    """Return the metrics of runs that the charts of a test type need."""
    declared = TEST_TYPES.get(test_type)
    return {chart.metric for chart in declared.charts} if declared else set()


def charted_readings(test_type: str) -> list[str]:
    """Return the readings during each run that the charts of a test type need."""
    declared = TEST_TYPES.get(test_type)
    time_charts = [chart for chart in declared.charts if isinstance(chart, TimeChart)] if declared else []
    return [name for chart in time_charts for panel in chart.panels for name in panel.readings]


def _declared(test_type: str, tests: Tests) -> tuple[Chart, ...]:
    """Return the declared charts; the runs of the headline metric for a type of another release."""
    if not tests:
        return ()
    declared = TEST_TYPES.get(test_type)
    return declared.charts if declared else (RunsChart("All runs", tests[0].headline),)


def _draw(chart: Chart, tests: Tests) -> Iterator[Figure]:
    match chart:
        case RunsChart():
            yield from lanes(chart.title, tests, chart.metric)
        case CurveChart():
            yield from _curve(chart, tests)
        case TimeChart():
            yield from over_time(chart, tests)


def _curve(chart: CurveChart, tests: Tests) -> Iterator[Figure]:
    if chart.single_title and not has_several_places(tests, chart.axis):
        yield from lanes(chart.single_title, tests, chart.metric)
        return
    figure = medians(chart, tests, knees(tests) if chart.marks_knees else ())
    yield with_p95(figure, chart, tests) if chart.has_p95 else figure
