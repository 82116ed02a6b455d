"""Marks of a chart in SVG: dots, lines, intervals. Their colours are classes of the report's sheet."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from markupsafe import Markup

COLOURS = 6
DASHES = ("", "6 4", "2 3", "8 3 2 3")
"""Lines of one colour differ by their dashes."""
RADIUS = 3.2


class Place(NamedTuple):
    """Where something is in a chart, in its own pixels."""

    x: float
    y: float


def colour(series: int) -> str:
    """Return the class that gives a series its colour."""
    return f"s{series % COLOURS + 1}"


def dot(at: Place, series: int, note: str, *, hollow: bool = False) -> Markup:
    """Return a dot with a note that appears under the pointer. One with a verdict is hollow."""
    kind = "hollow" if hollow else "dot"
    hint = Markup("<title>{}</title>").format(note) if note else ""
    return Markup('<circle class="{} {}" cx="{:.1f}" cy="{:.1f}" r="{}">{}</circle>').format(
        kind, colour(series), at.x, at.y, RADIUS, hint
    )


def line(places: Sequence[Place], series: int) -> Markup:
    """Return a line through places."""
    points = " ".join(f"{place.x:.1f},{place.y:.1f}" for place in places)
    dash = DASHES[series // COLOURS % len(DASHES)]
    return Markup('<polyline class="line {}" points="{}" stroke-dasharray="{}"/>').format(
        colour(series), points, dash or "none"
    )


def between(start: Place, end: Place, kind: str) -> Markup:
    """Return a straight line of a kind: `grid`, `interval`, `median` or `mark`."""
    return Markup('<line class="{}" x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}"/>').format(kind, *start, *end)


def bar(start: Place, end: Place, series: int) -> Markup:
    """Return a bar between two corners."""
    left, top = min(start.x, end.x), min(start.y, end.y)
    return Markup('<rect class="bar {}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>').format(
        colour(series), left, top, abs(end.x - start.x), abs(end.y - start.y)
    )


def label(at: Place, text: str, kind: str) -> Markup:
    """Return a text. `kind` says where it stands: `left`, `middle` or `right` of its place."""
    return Markup('<text class="{}" x="{:.1f}" y="{:.1f}">{}</text>').format(kind, at.x, at.y, text)


def drawing(width: float, height: float, title: str, marks: Iterable[Markup]) -> Markup:
    """Return the whole picture, whose title screen readers announce."""
    return Markup('<svg viewBox="0 0 {:.0f} {:.0f}" role="img" aria-label="{}">{}</svg>').format(
        width, height, title, Markup("").join(marks)
    )
