"""The last hour of a machine as lines of an SVG: time to the right, a gap where nothing is known."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from api.conclusions.readings.last_hour import HOUR_MS, POINTS, LastHour, Line
from common.values.units import number_and_unit, text

WIDTH, HEIGHT, MARGIN = 240.0, 36.0, 2.0
GAP_MS = 3 * HOUR_MS // POINTS
"""A longer time without a reading is a gap."""


@dataclass(frozen=True)
class HourLine:
    """A measure: its unbroken `pieces` as SVG has points, its newest value, and what to compare that with."""

    label: str
    pieces: list[str]
    last: str
    beside: str
    is_current: bool


def hour_lines(found: LastHour) -> list[HourLine]:
    """Return the lines. A measure without an end of its scale has its peak there."""
    return [_hour_line(line, found) for line in found.lines]


def _hour_line(line: Line, found: LastHour) -> HourLine:
    peak = max(value for value in line.values if value is not None)
    top = line.most or peak or 1.0
    known = [(at, value) for at, value in zip(found.at, line.values, strict=True) if value is not None]
    places = [(at, f"{_across(at, found)},{_down(value, top)}") for at, value in known]
    is_current = bool(known) and found.end - known[-1][0] <= GAP_MS
    is_part = line.most is not None and line.unit != "%"
    beside = f" of {text(line.most, line.unit)}" if is_part else f", max {number_and_unit(peak, line.unit)[0]}"
    return HourLine(line.label, list(_pieces(places)), text(line.last, line.unit), beside, is_current)


def _pieces(places: list[tuple[int, str]]) -> Iterator[str]:
    """Yield the points between two gaps."""
    starts = [number for number, (at, _) in enumerate(places) if number == 0 or at - places[number - 1][0] > GAP_MS]
    for start, stop in pairwise([*starts, len(places)]):
        yield " ".join(place for _, place in places[start:stop])


def _across(at: int, found: LastHour) -> float:
    return round(WIDTH * (at - found.start) / (found.end - found.start), 1)


def _down(value: float, top: float) -> float:
    return round(HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * min(1.0, value / top), 1)
