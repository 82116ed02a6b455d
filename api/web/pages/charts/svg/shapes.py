"""Marks of a chart in SVG. Across, places are percents of the plot, so that it fits any width; down, they are pixels.

styles/drawings.css styles them, and styles/colours.css colours them. A page has hundreds, which are written as plain
text: `format` of Markup takes several times as long.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from markupsafe import Markup, escape

from api.web.pages.presentation.colours import colour_class, cycle

DASHES = ("none", "6 4", "2 3", "8 3 2 3")
"""Lines of one colour differ by their dashes."""
RADIUS = 3.5
MAX_NAME = 26
"""Letters of a name beside its line or dot."""
SYMBOLS = ("M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z", "M-3.5-3.5h7v7h-7z", "M0-5l4.5 8h-9z", "M0-5l5 5-5 5-5-5z")
"""Dots of one colour differ by their shapes. The first is a circle."""
STRETCHED = Markup(
    '<svg class="stretched" width="100%" height="{0:.0f}" viewBox="0 0 100 {0:.0f}" preserveAspectRatio="none">'
    "{1}</svg>"
)


class Place(NamedTuple):
    """A place in a plot: `x` in percent from its left, `y` in pixels from its top."""

    x: float
    y: float


def dot(at: Place, series: int, note: str, *, hollow: bool = False) -> Markup:
    """Return a dot with a note that appears under the pointer. One with a verdict is hollow."""
    kind = f"{'hollow' if hollow else 'dot'} {colour_class(series)}"
    shape, hint = cycle(series) % len(SYMBOLS), f"<title>{escape(note)}</title>" if note else ""
    if not shape:
        circle = f'<circle class="{kind}" cx="{at.x:.2f}%" cy="{at.y:.1f}" r="{RADIUS}">{hint}</circle>'
        return Markup(circle)  # noqa: S704 - numbers, and an escaped note
    path = f'<path class="{kind}" d="{SYMBOLS[shape]}">{hint}</path>'
    return Markup(f'<svg class="symbol" x="{at.x:.2f}%" y="{at.y:.1f}">{path}</svg>')  # noqa: S704 - as above


def sample(series: int, *, is_line: bool) -> Markup:
    """Return the shape of a series for a legend, with its line if it has one."""
    dash = DASHES[cycle(series) % len(DASHES)]
    drawn = Markup('<path class="line" d="M-11 0H11" stroke-dasharray="{}"/>').format(dash) if is_line else ""
    return Markup(
        '<svg class="sample {}" viewBox="-11 -6 22 12" aria-hidden="true">{}<path class="dot" d="{}"/></svg>'
    ).format(colour_class(series), drawn, SYMBOLS[cycle(series) % len(SYMBOLS)])


def line(places: Sequence[Place], series: int, kind: str = "line") -> Markup:
    """Return a line through places, to be drawn in `stretched`."""
    dash = DASHES[cycle(series) % len(DASHES)]
    return Markup('<polyline class="{} {}" points="{}" stroke-dasharray="{}"/>').format(
        kind, colour_class(series), _points(places), dash
    )


def area(places: Sequence[Place], series: int) -> Markup:
    """Return an area between places, to be drawn in `stretched`."""
    return Markup('<polygon class="area {}" points="{}"/>').format(colour_class(series), _points(places))


def stretched(height: float, marks: Iterable[Markup]) -> Markup:
    """Return marks whose places across are stretched over the width of the plot, and whose strokes are not."""
    inside = Markup("").join(marks)
    return STRETCHED.format(height, inside) if inside else Markup("")


def between(start: Place, end: Place, kind: str) -> Markup:
    """Return a straight line of a kind: `grid`, `interval`, `median` or `mark`."""
    ends = f'x1="{start.x:.2f}%" y1="{start.y:.1f}" x2="{end.x:.2f}%" y2="{end.y:.1f}"'
    return Markup(f'<line class="{kind}" {ends}/>')  # noqa: S704 - numbers, and a word of ours


def label(at: Place, text: str, kind: str, *, shift: float = 0.0) -> Markup:
    """Return a text `shift` pixels beside its place. `kind` says which side of it is there: left, middle or right."""
    place = f'x="{at.x:.2f}%" y="{at.y:.1f}"' + (f' dx="{shift:.0f}"' if shift else "")
    return Markup(f'<text class="{kind}" {place}>{escape(text)}</text>')  # noqa: S704 - an escaped text


def short(name: str, limit: int = MAX_NAME) -> str:
    """Return a name as a label has room for it: without its registry or user, then without its middle."""
    own = name if len(name) <= limit else name.rpartition("/")[2]
    return own if len(own) <= limit else f"{own[: limit - limit // 3 - 1]}…{own[-(limit // 3) :]}"


def cut(y: float) -> Markup:
    """Return the mark of an axis of values that does not begin at zero."""
    return Markup('<path class="cut" d="M-5 {:.1f}l10-4m-10 8l10-4"/>').format(y)


def drawing(height: float, title: str, marks: Iterable[Markup], kind: str = "") -> Markup:
    """Return the whole plot, whose title screen readers announce. The axes stand beside it, in its margins."""
    return Markup('<svg class="drawing {}" height="{:.0f}" role="img" aria-label="{}">{}</svg>').format(
        kind, height, title, Markup("").join(marks)
    )


def _points(places: Sequence[Place]) -> str:
    return " ".join(f"{place.x:.2f},{place.y:.1f}" for place in places)
