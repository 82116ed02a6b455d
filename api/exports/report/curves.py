"""Charts of a metric over a condition or over time: lines of medians with their intervals, and runs as dots."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import chain

from markupsafe import Markup

from api.exports.report import scales
from api.exports.report.shapes import RADIUS, Place, bar, between, dot, drawing, label, line
from api.exports.report.thinning import kept
from api.web.pages.charts.figures import Figure, Trace

WIDTH, HEIGHT, TOP, BOTTOM, LEFT, RIGHT = 420.0, 260.0, 22.0, 42.0, 52.0, 14.0
SECOND = 46.0
"""Room for the values of a second axis."""

Locate = Callable[[int], Place]


def curves(figure: Figure) -> tuple[Markup, list[str]]:
    """Return the chart of a figure, and what its vertical axes show, which stands above it."""
    chart = _Chart(figure)
    return drawing(WIDTH, HEIGHT, figure.title, chart.marks()), chart.titles()


class _Chart:
    def __init__(self, figure: Figure) -> None:
        self._figure = figure
        self._right = SECOND if figure.y2 else RIGHT
        self._traces = [(trace, numbers) for trace in figure.traces if (numbers := kept(trace))]
        shown = [trace for trace, _ in self._traces]
        self._x = self._horizontal()
        self._y = scales.linear(_values(shown, second=False), figure.y.unit, from_zero=figure.from_zero)
        others = _values(shown, second=True)
        self._y2 = scales.linear(others, figure.y2.unit, from_zero=False) if figure.y2 and others else None

    def _horizontal(self) -> Callable[[object], float]:
        axis = self._figure.x
        xs = [trace.x[number] for trace, numbers in self._traces for number in numbers]
        numbers = [float(x) for x in xs if isinstance(x, int | float)]
        if axis.scale == "category" or len(numbers) < len(xs):
            self._ticks, places = scales.of_categories(xs)
            return lambda x: places[x]
        is_log = axis.scale == "log" and min(numbers) > 0
        self._ticks = scale = (
            scales.logarithmic(numbers, axis.unit)
            if is_log
            else scales.linear(numbers, axis.unit, from_zero=min(numbers) >= 0 and axis.scale != "time")
        )
        return lambda x: scale.place(float(x)) if isinstance(x, int | float) else 0.0

    def marks(self) -> Iterator[Markup]:
        yield from self._axes()
        for trace, numbers in self._traces:
            scale = self._y2 if trace.second and self._y2 else self._y
            yield from _drawn(trace, numbers, self._locate(trace, scale), partial(self._at_y, scale))
        for mark in self._figure.marks:
            x = self._at_x(mark.at)
            yield between(Place(x, TOP), Place(x, HEIGHT - BOTTOM), "mark")
            yield label(Place(min(max(x, 90), WIDTH - 90), TOP - 8), mark.text, "middle")

    def _axes(self) -> Iterator[Markup]:
        for place, text in self._y.ticks:
            y = HEIGHT - BOTTOM - place * (HEIGHT - BOTTOM - TOP)
            yield between(Place(LEFT, y), Place(WIDTH - self._right, y), "grid")
            yield label(Place(LEFT - 6, y + 4), text, "right")
        for place, text in self._y2.ticks if self._y2 else ():
            y = HEIGHT - BOTTOM - place * (HEIGHT - BOTTOM - TOP)
            yield label(Place(WIDTH - self._right + 6, y + 4), text, "left")
        for place, text in self._ticks.ticks:
            yield label(Place(LEFT + place * (WIDTH - LEFT - self._right), HEIGHT - BOTTOM + 16), text, "middle")
        title = scales.title(self._figure.x, self._ticks)
        yield label(Place((LEFT + WIDTH - self._right) / 2, HEIGHT - 7), title, "middle axis")

    def titles(self) -> list[str]:
        """Return what the vertical axes show."""
        second = scales.title(self._figure.y2, self._y2) if self._figure.y2 and self._y2 else None
        return [scales.title(self._figure.y, self._y), *([second] if second else [])]

    def _at_x(self, value: object) -> float:
        return LEFT + self._x(value) * (WIDTH - LEFT - self._right)

    def _at_y(self, scale: scales.Scale, value: float) -> float:
        return HEIGHT - BOTTOM - scale.place(value) * (HEIGHT - BOTTOM - TOP)

    def _locate(self, trace: Trace, scale: scales.Scale) -> Locate:
        return lambda number: Place(self._at_x(trace.x[number]), self._at_y(scale, trace.y[number] or 0.0))


def _values(traces: list[Trace], *, second: bool) -> list[float]:
    columns = (column for trace in traces if trace.second == second for column in (trace.y, trace.low, trace.high))
    return [value for value in chain.from_iterable(column or () for column in columns) if value is not None]


def _drawn(trace: Trace, numbers: Sequence[int], locate: Locate, at_y: Callable[[float], float]) -> Iterator[Markup]:
    """Yield the marks of a trace at some positions: its intervals, its line, and its dots."""
    series = trace.series or 0
    for number in numbers:
        low, high = (ends[number] if ends else None for ends in (trace.low, trace.high))
        if low is not None and high is not None:
            x = locate(number).x
            yield between(Place(x, at_y(low)), Place(x, at_y(high)), "interval")
    if trace.look in ("line", "band"):
        yield line([locate(number) for number in numbers], series)
    for number in numbers:
        place = locate(number)
        if trace.look == "bars":
            yield bar(Place(place.x - 3 * RADIUS, place.y), Place(place.x + 3 * RADIUS, at_y(0.0)), series)
        elif trace.look == "dots" or len(numbers) <= 40:  # noqa: PLR2004 - dots would hide a line of more
            note = trace.notes[number] if trace.notes else ""
            hollow = bool(trace.hollow and trace.hollow[number])
            yield dot(place, series, f"{trace.name}, {note}: {trace.y[number]:g}", hollow=hollow)
