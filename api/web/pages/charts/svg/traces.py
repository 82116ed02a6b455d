"""The marks of one trace of a chart: its band, its line, its intervals and its dots."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

from api.web.pages.charts.figures import Trace
from api.web.pages.charts.svg.shapes import Place, area, between, dot, label, line, short
from api.web.pages.presentation.colours import colour_class
from common.values.units import text

MAX_DOTTED = 60
"""A line of more values has no dots, which would hide it."""
LEFT_OF_VALUE = 70.0
"""From this percent on, a name stands left of its dot."""
NAME_LINE, HALF_LETTER = 13.0, 4.0
"""Pixels from one name to the next, and from the middle of a letter to its foot."""
BESIDE = 7.0
"""Pixels from a dot or a line's end to its name."""
MAX_LINE_NAME = 16
"""Letters of a line's name in the margin."""


@dataclass(frozen=True)
class Located:
    """A trace, the number of its colour, the positions of its values that are drawn, and where they are.

    `across` maps a position to percents, `down` a value to pixels. `unit` is that of the values.
    """

    trace: Trace
    series: int
    numbers: Sequence[int]
    across: Callable[[int], float]
    down: Callable[[float], float]
    unit: str

    def place(self, number: int) -> Place:
        return Place(self.across(number), self.down(self.trace.y[number] or 0.0))

    def bounds(self, number: int) -> tuple[Place, Place] | None:
        """Return where the ends of an interval are, None if it has none."""
        found = self.trace.interval(number)
        if found is None:
            return None
        low, high = (Place(self.across(number), self.down(bound)) for bound in found)
        return low, high


def stretched_shape(located: Located) -> Iterator[Markup]:
    """Yield what is stretched over the width of the plot: lines and areas."""
    if located.trace.look == "line":
        yield line([located.place(number) for number in located.numbers], located.series)
    elif located.trace.look == "band":
        for part in _parts(located.numbers):
            ends = [found for number in part if (found := located.bounds(number))]
            yield area([low for low, _ in ends] + [high for _, high in reversed(ends)], located.series)
            yield line([located.place(number) for number in part], located.series, "line level")


def shape(located: Located) -> Iterator[Markup]:
    """Yield what keeps its form at any width: intervals and dots."""
    trace = located.trace
    if trace.look == "band":
        return
    for number in located.numbers:
        if ends := located.bounds(number):
            yield between(*ends, f"interval {colour_class(located.series)}")
    if trace.look == "dots" or len(located.numbers) <= MAX_DOTTED:
        yield from _dots(located)


def names(traces: Iterable[Located]) -> Iterator[Markup]:
    """Yield the names of traces at their last values: beside a dot, or right of a line, apart from others."""
    named = [(each, each.place(each.numbers[-1])) for each in traces if each.trace.label and each.numbers]
    lines = [(each, place) for each, place in named if each.trace.look == "line"]
    for (located, place), y in zip(lines, _apart([place.y + HALF_LETTER for _, place in lines]), strict=True):
        yield label(Place(place.x, y), short(located.trace.label, MAX_LINE_NAME), "left", shift=BESIDE)
    for located, place in named:
        if located.trace.look != "line":
            side, shift = ("right", -BESIDE) if place.x > LEFT_OF_VALUE else ("left", BESIDE)
            yield label(Place(place.x, place.y + HALF_LETTER), short(located.trace.label), side, shift=shift)


def _apart(wanted: Sequence[float]) -> list[float]:
    """Return the heights of names, the lowest where it is wanted, and others as far above it as names need.

    If the highest would leave the plot, all stand lower.
    """
    placed, last = dict[int, float](), math.inf
    for number in sorted(range(len(wanted)), key=lambda number: (wanted[number], number), reverse=True):
        placed[number] = last = min(wanted[number], last - NAME_LINE)
    lower = max(0.0, NAME_LINE - last)
    return [placed[number] + lower for number in range(len(wanted))]


def _dots(located: Located) -> Iterator[Markup]:
    trace = located.trace
    for number in located.numbers:
        note = trace.notes[number] if trace.notes else ""
        hint = f"{trace.name}: {text(trace.y[number], located.unit)}" + (f", {note}" if note else "")
        yield dot(located.place(number), located.series, hint, hollow=bool(trace.hollow and trace.hollow[number]))


def _parts(numbers: Sequence[int]) -> list[list[int]]:
    """Return the positions in parts without gaps between them."""
    parts = groupby(enumerate(numbers), key=lambda each: each[1] - each[0])
    return [[number for _, number in part] for _, part in parts]
