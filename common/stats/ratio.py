"""The ratio of two medians."""

from collections.abc import Iterator
from math import exp, hypot, log

from common.stats.distribution import Bounds, Median, bounds_of


def percent(part: Median, whole: Median) -> Median | None:
    """Return the first median in percent of the second, with its 95 % interval; None if either is not above 0.

    The distances of the bounds from the medians add as squares on a logarithmic scale (Zou and Donner, Construction of
    confidence limits about effect measures, 2008). The number of samples is the smaller one.
    """
    top, bottom = part["value"], whole["value"]
    if not (top and bottom) or top < 0 or bottom < 0:
        return None
    value = 100 * top / bottom
    return Median(value=value, unit="%", n=min(part["n"], whole["n"]), ci95=_bounds(value, part, whole))


def _bounds(value: float, part: Median, whole: Median) -> Bounds | None:
    reaches = [*_reach(part), *_reach(whole)]
    if len(reaches) != 4:  # noqa: PLR2004 - below and above each of the two
        return None
    part_below, part_above, whole_below, whole_above = reaches
    return [value * exp(-hypot(part_below, whole_above)), value * exp(hypot(part_above, whole_below))]


def _reach(median: Median) -> Iterator[float]:
    """Yield how far the interval reaches below and above the median on a logarithmic scale, if it is known."""
    value, (low, high) = median["value"], bounds_of(median)
    if value and low and high and low > 0:
        yield from (log(value / low), log(high / value))
