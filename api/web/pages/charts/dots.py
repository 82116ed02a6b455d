"""Every run as a dot: a lane for each model, or for each point of each, from left to right in the runs' order."""

from collections.abc import Sequence

from api.web.pages.charts.figures import Axis, Figure, Trace, median_trace
from api.web.pages.presentation.formatting import capitalize_first, label, point_text
from api.web.pages.session.measured_test import MeasuredTest
from common.catalogue.metrics import METRICS
from common.store.reads.runs import RunMetrics

HALF_LANE = 0.32
MAX_STEP = 0.06
"""Largest distance between dots, so that the dots of few runs are near their median."""

MAX_LANES = 8


def lanes(title: str, tests: Sequence[MeasuredTest], metric: str) -> list[Figure]:
    """Return charts of the runs' values with medians and intervals: one, or one per point if there are many lanes."""
    places = [(test, index) for test in tests for index in range(len(test.run_conditions))]
    run_conditions = list(dict.fromkeys(point_text(test.conditions_at(index)) for test, index in places))
    if len(places) <= MAX_LANES or len(run_conditions) == 1:
        return [_lanes(title, places, metric, several=len(run_conditions) > 1)]
    return [
        _lanes(f"{title} {capitalize_first(name)}", [place for place in places if _at(place) == name], metric)
        for name in run_conditions
    ]


def _at(place: tuple[MeasuredTest, int]) -> str:
    test, index = place
    return point_text(test.conditions_at(index))


def _lanes(title: str, places: Sequence[tuple[MeasuredTest, int]], metric: str, *, several: bool = False) -> Figure:
    names = [_named(test, index, several=several) for test, index in places]
    return Figure(
        title,
        Axis("model", names=list(enumerate(names))),
        value_axis(metric),
        [*(_runs(test, index, place, metric) for place, (test, index) in enumerate(places)), _medians(places, metric)],
        from_zero=False,
    )


def value_axis(metric: str) -> Axis:
    known = METRICS.get(metric)
    return Axis(label(metric), known.unit, better=known.better) if known else Axis(metric)


def _named(test: MeasuredTest, index: int, *, several: bool) -> str:
    return f"{test.model}, {point_text(test.conditions_at(index))}" if several else test.model


def _runs(test: MeasuredTest, index: int, place: int, metric: str) -> Trace:
    runs = test.runs_at(index)
    step = min(MAX_STEP, 2 * HALF_LANE / max(1, len(runs) - 1))
    left = place - step * (len(runs) - 1) / 2
    return dots(test, runs, metric, [left + step * number for number in range(len(runs))])


def dots(test: MeasuredTest, runs: Sequence[RunMetrics], metric: str, x: Sequence[float]) -> Trace:
    """Return runs as dots, hollow if they have a verdict. Their values are in the table of runs."""
    outliers = {index: test.outliers(index, metric) for index in {run.point for run in runs}}
    return Trace(
        test.model,
        [round(each, 4) for each in x],
        [precise(run.metrics.get(metric)) for run in runs],
        look="dots",
        notes=[_note(test, run, outliers[run.point]) for run in runs],
        series=test.series,
        hollow=[bool(test.verdicts_on(run)) for run in runs],
        legend=False,
        tabled=False,
    )


def precise(value: float | None) -> float | None:
    """Six digits: more than is seen, and half as long to send."""
    return None if value is None else float(f"{value:.6g}")


def _note(test: MeasuredTest, run: RunMetrics, outliers: set[int]) -> str:
    outlier = ["outlier"] if run.repetition in outliers else []
    return "; ".join([f"run {run.repetition}", *outlier, *test.verdicts_on(run)])


def _medians(places: Sequence[tuple[MeasuredTest, int]], metric: str) -> Trace:
    found = [test.distribution(index, metric) for test, index in places]
    return median_trace("median", list(range(len(places))), found, look="levels", legend=False)
