"""Axes of charts: where a value is, and which values are written beside the axis."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor, isclose, log10

from api.web.pages.charts.figures import Axis
from common.values.units import COUNT_UNITS, shortened

TICKS = 5
"""About this number of values stand beside an axis."""
STEPS = (1, 2, 2.5, 5, 10)
WHOLE_STEPS = (1, 2, 5, 10)
MAX_DECIMALS = 6
MIN_GROUPED = 10_000
"""From here on, a space stands between thousands."""
MARGIN = 0.06
"""Share of an axis that is left free at its ends."""
MIN_SHARE = 0.1
"""An axis that does not begin at zero has at least this share of its largest value, so that noise looks like noise."""
NEAR_ZERO = 0.5
"""An axis begins at zero if the smallest value is at most this share of the largest one."""

BETTER = {"higher": "higher is better", "lower": "lower is better", "neither": ""}


@dataclass(frozen=True)
class Scale:
    """A map from values to places from 0 to 1, with the `ticks` as (place, text), and the unit of the texts.

    `begins` is the text of the value at place 0 if the axis does not begin at zero.
    """

    place: Callable[[float], float]
    ticks: Sequence[tuple[float, str]]
    unit: str
    begins: str = ""


def linear(values: Iterable[float], unit: str, *, from_zero: bool, whole: bool = False) -> Scale:
    """Return a scale that has all values, and zero if wanted. Values that are `whole` have no ticks between."""
    known = list(values)
    is_near_zero = not whole and 0 < min(known) <= NEAR_ZERO * max(known)
    start, end = _ends(known, from_zero=from_zero or is_near_zero)
    number, shown = shortened(max(abs(start), abs(end)), unit)
    factor = max(abs(start), abs(end)) / number if number else 1.0
    step = factor * _step((end - start) / TICKS / factor, whole=whole or unit in COUNT_UNITS)
    marks = [step * number for number in range(ceil(start / step), floor(end / step) + 1)]
    return Scale(
        lambda value: (value - start) / (end - start),
        [((mark - start) / (end - start), _text(mark / factor, step / factor)) for mark in marks],
        shown,
        f"{start / factor:.3g}" if start > 0 else "",
    )


def _ends(known: Sequence[float], *, from_zero: bool) -> tuple[float, float]:
    low, high = min(known), max(known)
    if from_zero:
        low, high = min(low, 0.0), max(high, 0.0)
        room = (high - low) * MARGIN or 1.0
        return (low if low == 0 else low - room), high + room
    room = (high - low) * MARGIN
    lacking = MIN_SHARE * max(abs(low), abs(high)) - (high - low) - 2 * room
    room = room + max(lacking, 0.0) / 2 or 1.0
    start = low - room
    return (0.0 if low >= 0 >= start else start), high + room


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
    """Return what stands at the axis, such as `TTFT (ms) · lower is better`."""
    named = f"{axis.title} ({scale.unit})" if scale.unit else axis.title
    begins = f"axis begins at {scale.begins}" if scale.begins else ""
    return " · ".join(filter(None, (named, BETTER[axis.better], begins)))


def _step(wanted: float, *, whole: bool) -> float:
    """Return the round number that is nearest to a step, not below it."""
    wanted = max(wanted, 1.0) if whole else wanted
    power = 10 ** floor(log10(wanted))
    steps = WHOLE_STEPS if whole else STEPS
    return float(next(step for step in steps if step * power >= wanted * (1 - 1e-9)) * power)


def _text(value: float, step: float) -> str:
    decimals = next((number for number in range(MAX_DECIMALS) if isclose(round(step, number), step)), MAX_DECIMALS)
    grouped = "," if abs(value) >= MIN_GROUPED else ""
    return f"{value + 0.0:{grouped}.{decimals}f}".replace(",", "\u202f")
