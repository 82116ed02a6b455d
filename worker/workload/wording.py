"""Numbers in findings: three digits with the unit that fits, and the interval: `84.2 tokens/s (82.9 to 85.6)`."""

from collections.abc import Sequence

from common.catalogue.test_type import Point
from common.records.test_metrics import Figure, PointMetrics
from common.stats.distribution import Bounds, Distribution
from common.values.units import scaled, three_digits


def duration(milliseconds: Figure) -> str:
    return _quantity(milliseconds, "ms", "an unknown time")


def rate(per_second: Figure, unit: str = "tokens/s") -> str:
    return _quantity(per_second, unit, "an unknown rate")


def share(percent: Figure) -> str:
    return _quantity(percent, "%", "an unknown share")


def _quantity(figure: Figure, unit: str, unknown: str) -> str:
    if figure is None or isinstance(figure, int | float):
        return unknown if figure is None else _number(figure, unit)
    value, bounds = figure["value"], figure.get("ci95")
    if value is None:
        return "longer than was measured"
    known = _range(bounds, value, unit) if bounds else ""
    return _number(value, unit) + (f" ({known})" if known else "")


def _number(value: float, unit: str) -> str:
    number, shown = scaled(value, unit)
    return f"{three_digits(number)} {shown}"


def _range(bounds: Bounds, value: float, unit: str) -> str:
    """Return the bounds in the unit that fits the value; empty if both read as one number."""
    number, _ = scaled(value, unit)
    factor = value / number if number else 1.0
    low, high = (None if bound is None else three_digits(bound / factor) for bound in bounds)
    if high is None:
        return f"{low} or more"
    return "" if low == high else f"{low} to {high}"


def runs_without_interval(statistic: Distribution | None) -> str:
    """Return that there are too few runs for an interval, as a sentence that follows a finding; empty if not."""
    if statistic is None or statistic["ci95"] is not None:
        return ""
    runs = statistic["runs"]
    return f" {runs} run{'s' * (runs > 1)}, no interval."


def by_point(points: Sequence[PointMetrics], metric: str) -> list[tuple[Point, Distribution]]:
    """Return each point with the distribution of a metric, without points that have none."""
    known = [(measured["point"], measured["statistics"].get(metric)) for measured in points]
    return [(point, statistic) for point, statistic in known if statistic]


def value_by_point(points: Sequence[PointMetrics], metric: str) -> list[tuple[Point, float]]:
    """Return each point with its value of a metric, without points that have no value."""
    known = ((point, statistic["value"]) for point, statistic in by_point(points, metric))
    return [(point, value) for point, value in known if value is not None]


def first_and_last(
    points: Sequence[PointMetrics], metric: str
) -> tuple[tuple[Point, Distribution], tuple[Point, Distribution]] | None:
    """Return the first and the last point with their distributions; None if fewer than two points have one."""
    known = by_point(points, metric)
    return (known[0], known[-1]) if len(known) > 1 else None
