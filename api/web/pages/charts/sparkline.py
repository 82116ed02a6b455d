"""Sparklines as SVG: a few values in their order, each as high as it is large."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, MARGIN = 144.0, 32.0, 3.0
MIN_SHARE = 0.1
"""The height is at least this share of the largest value, so that noise does not look like a change."""


@dataclass(frozen=True)
class Sparkline:
    """The `points` of the line as SVG has them, and the last one. `values` is their number.

    `mark` is where something has changed for good, None if it has not.
    """

    points: str
    x: float
    y: float
    values: int
    mark: float | None = None
    width: float = WIDTH
    height: float = HEIGHT


def sparkline(values: Sequence[float], changed: int | None = None) -> Sparkline | None:
    """Return the line; None for fewer than two values. `changed` is the position of the first value after a change."""
    if len(values) <= 1:
        return None
    low, high = min(values), max(values)
    height = max(high - low, MIN_SHARE * max(abs(low), abs(high))) or 1.0
    middle = (low + high) / 2
    step = (WIDTH - 2 * MARGIN) / (len(values) - 1)
    places = [
        (round(MARGIN + step * number, 1), round(HEIGHT / 2 - (value - middle) / height * (HEIGHT - 2 * MARGIN), 1))
        for number, value in enumerate(values)
    ]
    x, y = places[-1]
    mark = None if changed is None else round(places[changed][0] - step / 2, 1)
    return Sparkline(" ".join(f"{across},{down}" for across, down in places), x, y, len(values), mark)
