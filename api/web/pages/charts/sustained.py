"""The rate over minutes, with what the machine's clocks and temperatures did meanwhile."""

from collections.abc import Iterator, Sequence

from api.web.pages.charts.dots import precise, value_axis
from api.web.pages.charts.figures import Axis, Figure, Trace
from api.web.pages.comparison.samples import Measured

MINUTE_MS = 60_000
RATE = "decodeTokensPerSecond"
CLOCKS = (("smClock", "SM clock"), ("cpuFrequency", "CPU frequency"))
TEMPERATURES = (("gpuTemperature", "GPU temperature"), ("cpuTemperature", "CPU temperature"))
MEASURES = [measure for measure, _ in (*CLOCKS, *TEMPERATURES)]
"""What the charts want of the readings."""
BESIDE = 6
"""Apart from the rate's own series by so many: the same colour, another symbol and dash."""


def over_time(tests: Sequence[Measured]) -> list[Figure]:
    """One figure with the clocks and one with the temperatures, of those that the machine tells; at least the rate."""
    clocks = _figure("Does the rate last, and do the clocks?", tests, CLOCKS, Axis("clock", "MHz"))
    warmth = _figure("Does the rate fall as the machine warms?", tests, TEMPERATURES, Axis("temperature", "°C"))
    told = [figure for figure in (clocks, warmth) if figure.y2]
    return told or [_figure("Does the rate last?", tests, (), Axis(""))]


def _figure(title: str, tests: Sequence[Measured], measures: Sequence[tuple[str, str]], second: Axis) -> Figure:
    beside = [trace for test in tests for trace in _meanwhile(test, measures)]
    rates = [_rate(test) for test in tests]
    return Figure(
        title, Axis("since its first run", "min"), value_axis(RATE), [*rates, *beside], y2=second if beside else None
    )


def _rate(test: Measured) -> Trace:
    return Trace(
        test.model,
        _minutes(test),
        [precise(run.metrics.get(RATE)) for run in test.runs],
        notes=[f"run {run.repetition}" for run in test.runs],
        series=test.series,
        hollow=[bool(test.verdicts_on(run)) for run in test.runs],
        tabled=False,
    )


def _minutes(test: Measured) -> list[float | None]:
    """When each run began, after the first."""
    first = test.during_runs[0].start if test.during_runs else None
    return [
        None if run.start is None or first is None else round((run.start - first) / MINUTE_MS, 3)
        for run in test.during_runs
    ]


def _meanwhile(test: Measured, measures: Sequence[tuple[str, str]]) -> Iterator[Trace]:
    for number, (measure, name) in enumerate(measures, start=1):
        told = [precise(run.observed[measure]) for run in test.during_runs]
        if any(value is not None for value in told):
            series = test.series + BESIDE * number
            yield Trace(f"{test.model}, {name}", _minutes(test), told, series=series, tabled=False, second=True)
