"""A figure as SVG, with what stands above it: the titles of its axes and the names of its series."""

from dataclasses import dataclass

from markupsafe import Markup

from api.web.pages.charts.figures import Figure
from api.web.pages.charts.svg.curves import HEIGHT, curves
from api.web.pages.charts.svg.lanes import lanes
from api.web.pages.charts.svg.shapes import sample


@dataclass(frozen=True)
class Picture:
    """A drawing. `axes` say what its vertical axes show, `names` has the (sample, name) of each of several series."""

    svg: Markup
    axes: list[str]
    names: list[tuple[Markup, str]]


def picture(figure: Figure, height: float = HEIGHT) -> Picture:
    """Return the picture of a figure, `height` pixels high. Lanes are as high as they need, with their axis below."""
    svg, axes = (lanes(figure), []) if figure.x.names else curves(figure, height)
    names = [
        (sample(number if trace.series is None else trace.series, is_line=trace.look == "line"), trace.name)
        for number, trace in enumerate(figure.traces)
        if trace.legend
    ]
    return Picture(svg, axes, names if len(names) > 1 else [])
