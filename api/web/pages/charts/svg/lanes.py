"""Charts of single runs: a lane for each model or point, its runs from top to bottom along the axis of values."""

from collections.abc import Iterator

from markupsafe import Markup

from api.web.pages.charts.figures import Figure, Trace
from api.web.pages.charts.svg import scales
from api.web.pages.charts.svg.shapes import Place, between, dot, drawing, label, short
from api.web.pages.charts.svg.thinning import kept
from common.values.units import text

LANE, TOP, BOTTOM = 50.0, 6.0, 40.0
HEADING = 16.0
"""Room for the name above a lane."""
MAX_NAME = 56


def lanes(figure: Figure) -> Markup:
    """Return the chart of a figure whose x axis has names."""
    height = TOP + LANE * len(figure.x.names) + BOTTOM
    values = [y for trace in figure.traces for ys in (trace.y, trace.low or (), trace.high or ()) for y in ys]
    known = [float(y) for y in values if y is not None]
    scale = scales.linear(known, figure.y.unit, from_zero=figure.from_zero)
    return drawing(height, figure.title, _marks(figure, scale, height), "lanes")


def _marks(figure: Figure, scale: scales.Scale, height: float) -> Iterator[Markup]:
    for place, words in scale.ticks:
        yield between(Place(100 * place, TOP), Place(100 * place, height - BOTTOM), "grid")
        yield label(Place(100 * place, height - BOTTOM + 15), words, "middle")
    yield label(Place(50, height - 7), scales.title(figure.y, scale), "middle")
    for number, (_, name) in enumerate(figure.x.names):
        yield label(Place(0, TOP + LANE * number + 12), short(name, MAX_NAME), "left name")
    for trace in figure.traces:
        yield from _medians(trace, scale) if trace.look == "levels" else _runs(trace, scale, figure.y.unit)


def _y(position: float) -> float:
    """Return the height of a position on the axis of names, whose lanes are at whole numbers."""
    return TOP + LANE * (position + 0.5) + HEADING / 2 - (position - round(position)) * HEADING / 2


def _runs(trace: Trace, scale: scales.Scale, unit: str) -> Iterator[Markup]:
    for number in kept(trace):
        at = Place(100 * scale.place(_number(trace.y[number])), _y(_number(trace.x[number])))
        note = f"{trace.notes[number]}: " if trace.notes else ""
        hollow = bool(trace.hollow and trace.hollow[number])
        yield dot(at, trace.series or 0, f"{note}{text(trace.y[number], unit)}", hollow=hollow)


def _medians(trace: Trace, scale: scales.Scale) -> Iterator[Markup]:
    for number in kept(trace):
        y, x = _y(_number(trace.x[number])), 100 * scale.place(_number(trace.y[number]))
        if interval := trace.interval(number):
            low, high = (Place(100 * scale.place(bound), y) for bound in interval)
            yield between(low, high, "interval")
        yield between(Place(x, y - 11), Place(x, y + 11), "median")


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
