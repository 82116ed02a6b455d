"""Fewer dots for traces of very many runs, so that a report has some megabytes at most."""

from math import ceil

from api.web.pages.charts.figures import Trace

MAX_DOTS = 400


def kept(trace: Trace, limit: int = MAX_DOTS) -> list[int]:
    """Return the positions of the values to draw: the smallest and the largest of each group of values."""
    known = [position for position, y in enumerate(trace.y) if y is not None and trace.x[position] is not None]
    if len(known) <= limit:
        return known
    length = ceil(2 * len(known) / limit)
    ends: list[int] = []
    for start in range(0, len(known), length):
        group = sorted(known[start : start + length], key=lambda position: trace.y[position] or 0.0)
        ends += sorted({group[0], group[-1]})
    return ends
