"""Charts of a metric over a condition or over time: lines of medians with their intervals, and runs as dots."""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain

from markupsafe import Markup

from api.web.pages.charts.figures import Figure, Trace
from api.web.pages.charts.svg import scales
from api.web.pages.charts.svg.shapes import Place, between, cut, drawing, label, stretched
from api.web.pages.charts.svg.thinning import kept
from api.web.pages.charts.svg.times import of_times
from api.web.pages.charts.svg.traces import Located, names, shape, stretched_shape

HEIGHT = 240.0
TOP, BOTTOM = 10.0, 26.0
MARK_LINE = 15.0
TITLE_LINE = 18.0
LEFT_OF_MARK = 60.0
"""From this percent on, the name of a mark stands left of it."""

LETTER, TICK_GAP, PHONE = 7, 12, 280
"""Pixels of a letter, between two ticks, and of an axis on a phone, which has every other tick if they do not fit."""


def curves(figure: Figure, height: float = HEIGHT) -> tuple[Markup, list[str]]:
    """Return the chart of a figure with a height in pixels, and what its vertical axes show, which stands above it."""
    chart = _Chart(figure, height)
    return drawing(height, figure.title, chart.marks(), _margin(figure)), chart.titles()


def _margin(figure: Figure) -> str:
    """Return what stands in the right margin."""
    has_names = any(trace.label and trace.look == "line" for trace in figure.traces)
    return "two-axes" if figure.y2 else "named" if has_names else ""


class _Chart:
    def __init__(self, figure: Figure, height: float) -> None:
        self._figure = figure
        self._traces = [(number, trace, at) for number, trace in enumerate(figure.traces) if (at := kept(trace))]
        shown = [trace for _, trace, _ in self._traces]
        self._x = self._horizontal()
        self._title = scales.title(figure.x, self._ticks)
        self._height = height
        self._top = TOP + MARK_LINE * min(len(figure.marks), 2)
        self._bottom = height - BOTTOM - (TITLE_LINE if self._title else 0.0)
        values = [*_values(shown, second=False), *(limit.at for limit in figure.limits)]
        self._y = scales.linear(values, figure.y.unit, from_zero=figure.from_zero)
        others = _values(shown, second=True)
        self._y2 = scales.linear(others, figure.y2.unit, from_zero=False) if figure.y2 and others else None

    def _horizontal(self) -> Callable[[object], float]:
        axis = self._figure.x
        xs = [trace.x[number] for _, trace, numbers in self._traces for number in numbers]
        numbers = [float(x) for x in xs if isinstance(x, int | float)]
        if axis.scale == "category" or len(numbers) < len(xs):
            self._ticks, places = scales.of_categories(xs)
            return lambda x: places[x]
        self._ticks = scale = _numeric(axis.scale, numbers, axis.unit, whole=axis.whole)
        return lambda x: scale.place(float(x)) if isinstance(x, int | float) else 0.0

    def marks(self) -> Iterator[Markup]:
        yield from self._axes()
        located = [self._located(number, trace, at) for number, trace, at in self._traces]
        yield stretched(self._height, chain.from_iterable(map(stretched_shape, located)))
        yield from chain.from_iterable(map(shape, located))
        yield from names(located)
        for number, mark in enumerate(self._figure.marks):
            x = 100 * self._x(mark.at)
            yield between(Place(x, 0), Place(x, self._bottom), "mark")
            side, shift = ("right", -4) if x > LEFT_OF_MARK else ("left", 4)
            yield label(Place(x, MARK_LINE * (1 + number % 2) - 4), mark.text, side, shift=shift)

        for limit in self._figure.limits:
            y = self._at_y(self._y.place(limit.at))
            yield between(Place(0, y), Place(100, y), "mark")
            yield label(Place(0, y - 4), limit.text, "left", shift=4)

    def _axes(self) -> Iterator[Markup]:
        for place, text in self._y.ticks:
            y = self._at_y(place)
            yield between(Place(0, y), Place(100, y), "grid")
            yield label(Place(0, y + 4), text, "right", shift=-8)
        for place, text in self._y2.ticks if self._y2 else ():
            yield label(Place(100, self._at_y(place) + 4), text, "left", shift=8)
        is_dense = sum(LETTER * len(text) + TICK_GAP for _, text in self._ticks.ticks) > PHONE
        for number, (place, text) in enumerate(self._ticks.ticks):
            kind = "middle second" if is_dense and number % 2 else "middle"
            yield label(Place(100 * place, self._bottom + 18), text, kind)
        if self._title:
            yield label(Place(50, self._height - 4), self._title, "middle")
        if self._y.begins:
            yield cut(self._bottom)

    def titles(self) -> list[str]:
        """Return what the vertical axes show."""
        second = scales.title(self._figure.y2, self._y2) if self._figure.y2 and self._y2 else None
        return [scales.title(self._figure.y, self._y), *([second] if second else [])]

    def _at_y(self, place: float) -> float:
        return self._bottom - place * (self._bottom - self._top)

    def _located(self, number: int, trace: Trace, numbers: Sequence[int]) -> Located:
        scale = self._y2 if trace.second and self._y2 else self._y
        return Located(
            trace,
            number if trace.series is None else trace.series,
            numbers,
            lambda index: 100 * self._x(trace.x[index]),
            lambda value: self._at_y(scale.place(value)),
            self._figure.y2.unit if trace.second and self._figure.y2 else self._figure.y.unit,
        )


def _numeric(kind: str, numbers: Sequence[float], unit: str, *, whole: bool) -> scales.Scale:
    if kind == "time":
        return of_times(numbers)
    if kind == "log" and min(numbers) > 0:
        return scales.logarithmic(numbers, unit)
    return scales.linear(numbers, unit, from_zero=min(numbers) >= 0 and not whole, whole=whole)


def _values(traces: list[Trace], *, second: bool) -> list[float]:
    columns = (column for trace in traces if trace.second == second for column in (trace.y, trace.low, trace.high))
    return [value for value in chain.from_iterable(column or () for column in columns) if value is not None]
