"""Every run as a dot: a lane for each model, or for each point of each, from left to right in the runs' order."""

from collections.abc import Sequence

from api.web.pages.charts.figures import Axis, Figure, Trace, median_trace
from api.web.pages.comparison.samples import Measured
from api.web.pages.formatting import capitalize_first, label, point_text
from common.catalogue.metrics import METRICS
from common.store.runs import RunMetrics

HALF_LANE = 0.32
FURTHEST_APART = 0.06
"""Dots of few runs stand near their median."""


MOST_LANES = 8


def lanes(title: str, tests: Sequence[Measured], metric: str) -> list[Figure]:
    """The runs' values of a metric, with medians and their intervals; a figure for each point where lanes are many."""
    places = [(test, part) for test in tests for part in range(len(test.parts))]
    parts = list(dict.fromkeys(point_text(test.named(part)) for test, part in places))
    if len(places) <= MOST_LANES or len(parts) == 1:
        return [_lanes(title, places, metric, several=len(parts) > 1)]
    return [
        _lanes(f"{title} {capitalize_first(name)}", [place for place in places if _at(place) == name], metric)
        for name in parts
    ]


def _at(place: tuple[Measured, int]) -> str:
    test, part = place
    return point_text(test.named(part))


def _lanes(title: str, places: Sequence[tuple[Measured, int]], metric: str, *, several: bool = False) -> Figure:
    names = [_named(test, part, several=several) for test, part in places]
    return Figure(
        title,
        Axis("model", names=list(enumerate(names))),
        value_axis(metric),
        [*(_runs(test, part, place, metric) for place, (test, part) in enumerate(places)), _medians(places, metric)],
        from_zero=False,
    )


def value_axis(metric: str) -> Axis:
    known = METRICS.get(metric)
    return Axis(label(metric), known.unit, better=known.better) if known else Axis(metric)


def _named(test: Measured, part: int, *, several: bool) -> str:
    return f"{test.model}, {point_text(test.named(part))}" if several else test.model


def _runs(test: Measured, part: int, place: int, metric: str) -> Trace:
    runs = test.runs_at(part)
    step = min(FURTHEST_APART, 2 * HALF_LANE / max(1, len(runs) - 1))
    left = place - step * (len(runs) - 1) / 2
    return dots(test, runs, metric, [left + step * number for number in range(len(runs))])


def dots(test: Measured, runs: Sequence[RunMetrics], metric: str, x: Sequence[float]) -> Trace:
    """Runs as dots, hollow where a verdict befell them; their numbers stand in the table of the runs."""
    outliers = {part: test.outliers(part, metric) for part in {run.point for run in runs}}
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


def _note(test: Measured, run: RunMetrics, outliers: set[int]) -> str:
    outlier = ["outlier"] if run.repetition in outliers else []
    return "; ".join([f"run {run.repetition}", *outlier, *test.verdicts_on(run)])


def _medians(places: Sequence[tuple[Measured, int]], metric: str) -> Trace:
    found = [test.distribution(part, metric) for test, part in places]
    return median_trace("median", list(range(len(places))), found, look="levels", legend=False)
