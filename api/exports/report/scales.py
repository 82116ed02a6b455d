"""Axes of charts: where a value is, and which values are written beside the axis."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor, isclose, log10

from api.web.pages.charts.figures import Axis
from common.units import shortened

TICKS = 4
"""About this number of values stand beside an axis."""
STEPS = (1, 2, 2.5, 5, 10)
MAX_DECIMALS = 6
MARGIN = 0.06
"""Share of an axis that is left free at its ends."""


@dataclass(frozen=True)
class Scale:
    """A map from values to places from 0 to 1, with the `ticks` as (place, text), and the unit of the texts."""

    place: Callable[[float], float]
    ticks: Sequence[tuple[float, str]]
    unit: str


def linear(values: Iterable[float], unit: str, *, from_zero: bool) -> Scale:
    """Return a scale that has all values, and zero if wanted."""
    known = list(values)
    low, high = min(known), max(known)
    low, high = (min(low, 0.0), max(high, 0.0)) if from_zero else (low, high)
    room = (high - low) * MARGIN or abs(high) * MARGIN or 1.0
    start, end = low if from_zero and low == 0 else low - room, high + room
    step = _step((end - start) / TICKS)
    marks = [step * number for number in range(ceil(start / step), floor(end / step) + 1)]
    number, shown = shortened(max(abs(start), abs(end)), unit)
    factor = max(abs(start), abs(end)) / number if number else 1.0
    return Scale(
        lambda value: (value - start) / (end - start),
        [((mark - start) / (end - start), _text(mark / factor, step / factor)) for mark in marks],
        shown,
    )


def logarithmic(values: Iterable[float], unit: str) -> Scale:
    """Return a scale of equal factors, with some of the values themselves beside it."""
    known = sorted({value for value in values if value > 0})
    low, high = log10(known[0]), log10(known[-1])
    room = (high - low) * MARGIN or 0.5
    span = high - low + 2 * room
    every = ceil(len(known) / 7)
    return Scale(
        lambda value: (log10(max(value, known[0])) - low + room) / span,
        [((log10(mark) - low + room) / span, f"{mark:g}") for mark in known[::every]],
        unit,
    )


def of_categories(values: Iterable[object]) -> tuple[Scale, dict[object, float]]:
    """Return a scale of words in their order, and their places."""
    known = list(dict.fromkeys(values))
    places = {value: (number + 0.5) / len(known) for number, value in enumerate(known)}
    return Scale(lambda value: value, [(place, str(value)) for value, place in places.items()], ""), places


def title(axis: Axis, scale: Scale) -> str:
    """Return what stands at the axis, such as `prompt length (tokens)`."""
    return f"{axis.title} ({scale.unit})" if scale.unit else axis.title


def _step(wanted: float) -> float:
    """Return the round number that is nearest to a step, not below it."""
    power = 10 ** floor(log10(wanted))
    return float(next(step for step in STEPS if step * power >= wanted * (1 - 1e-9)) * power)


def _text(value: float, step: float) -> str:
    decimals = next((number for number in range(MAX_DECIMALS) if isclose(round(step, number), step)), MAX_DECIMALS)
    return f"{value + 0.0:,.{decimals}f}".replace(",", "\u202f")
