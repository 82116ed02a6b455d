"""What each of some users at once gets: the rate of an answer, and the wait for its first token."""

from collections.abc import Sequence

from api.conclusions.machines.capacity import RATE, WAIT, Served
from api.web.pages.charts.figures import Axis, Figure, Limit, median_trace
from api.web.pages.presentation.colours import model_series
from common.catalogue.metrics import METRICS
from common.values.units import text

MAX_MODELS = 6
"""Models in one chart."""


def capacity_figures(served: Sequence[Served]) -> list[Figure]:
    """Return the charts of these models, with the objectives as lines. Models of one chart have the same objectives."""
    if not served:
        return []
    objectives = served[0].objectives
    alike = [each for each in served if each.objectives == objectives][:MAX_MODELS]
    return [
        _figure("How fast is the answer to each user?", RATE, alike, objectives.rate),
        _figure("How long does each user wait?", WAIT, alike, objectives.wait),
    ]


def _figure(title: str, metric: str, served: Sequence[Served], objective: float) -> Figure:
    declared, series = METRICS[metric], model_series(each.model for each in served)
    traces = [
        median_trace(
            each.model,
            [point.users for point in each.points],
            [point.statistics.get(metric) for point in each.points],
            series=series[each.model],
        )
        for each in served
    ]
    axis = Axis("users at once", scale="log", whole=True)
    limit = Limit(objective, f"objective {text(objective, declared.unit)}")
    y = Axis(f"{declared.label} of each", declared.unit, better=declared.better)
    return Figure(title, axis, y, traces, limits=[limit])
