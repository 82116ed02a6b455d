"""A scatter of speed against size as SVG, made on the server: both axes are scales of ratios."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import ceil, floor, log10

from api.web.pages.charts.svg.shapes import SYMBOLS, short
from api.web.pages.models.table import ModelTable
from api.web.pages.presentation.colours import model_colour

WIDTH = 320.0
"""The width in pixels at which labels are set apart. The drawing fits any width."""
HEIGHT, TOP, BOTTOM = 400.0, 8.0, 362.0
GIGA = 1e9
STEPS = (1.0, 2.0, 5.0)
LABEL_HEIGHT, LETTER, GAP = 12.0, 6.2, 9.0
"""Pixels of a label, of a letter of it, and between it and its dot."""
MARGIN = 1.25
"""The axes extend beyond the values by this factor."""


@dataclass(frozen=True)
class Dot:
    """A model on a host: `x` in percent of the width, `y` in pixels, `size` in gigabytes, `rate` in tokens/s.

    `colour` is the class of the model, `symbol` the shape of the host. `label` is empty where there is no room for it.
    """

    x: float
    y: float
    model: str
    host: str
    size: float
    rate: float
    colour: str
    symbol: str
    label: str = ""

    @property
    def is_at_edge(self) -> bool:
        """Whether its label is left of it, because there is no room on its right."""
        return _room(self)[0] < self.x / 100 * WIDTH


@dataclass(frozen=True)
class Tick:
    at: float
    text: str


@dataclass(frozen=True)
class Scatter:
    """The drawing: its dots, the ticks of its axes in gigabytes and tokens per second, and the shapes by host."""

    dots: Sequence[Dot]
    sizes: Sequence[Tick]
    rates: Sequence[Tick]
    hosts: dict[str, str]
    height: float = HEIGHT
    top: float = TOP
    bottom: float = BOTTOM


@dataclass(frozen=True)
class _Scale:
    """A scale of ratios from `low` to `high`, which are at the places `first` and `last`."""

    low: float
    high: float
    first: float
    last: float

    def at(self, value: float) -> float:
        share = (log10(value) - log10(self.low)) / (log10(self.high) - log10(self.low))
        return round(self.first + share * (self.last - self.first), 1)

    def ticks(self) -> list[Tick]:
        powers = range(floor(log10(self.low)), ceil(log10(self.high)) + 1)
        values = [step * 10.0**power for power in powers for step in STEPS]
        return [Tick(self.at(value), f"{value:g}") for value in values if self.low <= value <= self.high]


def scatter(table: ModelTable) -> Scatter | None:
    """Return the drawing; None if fewer than two models have a size and a speed."""
    hosts = {host: SYMBOLS[number % len(SYMBOLS)] for number, host in enumerate(table.hosts)}
    known = [
        (row.size / GIGA, cell.rate, row.name, host)
        for row in table.rows
        for host, cell in row.cells.items()
        if row.size and cell.rate
    ]
    if len({model for _, _, model, _ in known}) <= 1:
        return None
    across = _scale([size for size, *_ in known], 0, 100)
    up = _scale([rate for _, rate, *_ in known], BOTTOM, TOP)
    dots = [
        Dot(across.at(size), up.at(rate), model, host, size, rate, model_colour(model), hosts[host])
        for size, rate, model, host in known
    ]
    return Scatter(list(_labelled(dots)), across.ticks(), up.ticks(), hosts)


def _scale(values: Sequence[float], first: float, last: float) -> _Scale:
    return _Scale(min(values) / MARGIN, max(values) * MARGIN, first, last)


def _labelled(dots: Sequence[Dot]) -> Iterator[Dot]:
    """Yield the dots. Each model has one label at most, at its highest dot where no other label is."""
    taken: list[tuple[float, float, float]] = []
    named = set[str]()
    for dot in sorted(dots, key=lambda each: each.y):
        left, right = _room(dot)
        is_free = all(right < begin or left > end or abs(dot.y - at) >= LABEL_HEIGHT for begin, end, at in taken)
        has_label = is_free and dot.model not in named
        if has_label:
            taken.append((left - GAP, right, dot.y))
            named.add(dot.model)
        yield replace(dot, label=short(dot.model) if has_label else "")


def _room(dot: Dot) -> tuple[float, float]:
    """Return where a dot with its label begins and ends, in pixels: at the right edge, the label is left of it."""
    at, length = dot.x / 100 * WIDTH, GAP + LETTER * len(short(dot.model))
    return (at - length, at) if at + length > WIDTH else (at, at + length)
