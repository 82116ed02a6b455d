"""A scatter of speed against size as SVG, made on the server: both axes are scales of ratios."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from api.web.pages.models.table import ModelTable

WIDTH, HEIGHT = 720, 360
LEFT, RIGHT, TOP, BOTTOM = 56, 150, 12, 40
GIGA = 1e9
STEPS = (1.0, 2.0, 5.0)
LABEL_HEIGHT = 12.0


@dataclass(frozen=True)
class Dot:
    """A model on a host, at pixels of the drawing. `label` is empty where there is no room for it."""

    x: float
    y: float
    model: str
    host: str
    series: int
    size: float
    rate: float
    label: str = ""


@dataclass(frozen=True)
class Tick:
    at: float
    text: str


@dataclass(frozen=True)
class Scatter:
    """The drawing: its dots, and the ticks of its axes in gigabytes and tokens per second."""

    dots: Sequence[Dot]
    sizes: Sequence[Tick]
    rates: Sequence[Tick]
    hosts: Sequence[str]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    bottom: int = HEIGHT - BOTTOM
    top: int = TOP


@dataclass(frozen=True)
class _Scale:
    """A scale of ratios from `low` to `high`, which are at the pixels `first` and `last`."""

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
    hosts = list(table.hosts)
    known = [
        (row.size / GIGA, cell.rate, row.name, host)
        for row in table.rows
        for host, cell in row.cells.items()
        if row.size and cell.rate
    ]
    if len({model for _, _, model, _ in known}) <= 1:
        return None
    across = _scale([size for size, *_ in known], LEFT, WIDTH - RIGHT)
    up = _scale([rate for _, rate, *_ in known], HEIGHT - BOTTOM, TOP)
    dots = [
        Dot(across.at(size), up.at(rate), model, host, hosts.index(host), size, rate)
        for size, rate, model, host in known
    ]
    return Scatter(list(_labelled(dots)), across.ticks(), up.ticks(), hosts)


def _scale(values: Sequence[float], first: float, last: float) -> _Scale:
    return _Scale(min(values) / 1.25, max(values) * 1.25, first, last)


def _labelled(dots: Sequence[Dot]) -> Iterator[Dot]:
    """Yield the dots, with a label each that no label before covers."""
    taken: list[tuple[float, float, float]] = []
    for dot in sorted(dots, key=lambda each: each.y):
        right = dot.x + 10 + 6.5 * len(dot.model)
        is_free = all(right < begin or dot.x > end or abs(dot.y - at) >= LABEL_HEIGHT for begin, end, at in taken)
        if is_free:
            taken.append((dot.x - 6, right, dot.y))
        yield Dot(dot.x, dot.y, dot.model, dot.host, dot.series, dot.size, dot.rate, dot.model if is_free else "")
