"""Numbers in findings: three digits, with the unit that fits."""

from collections.abc import Sequence

from common.catalogue.test_type import Point
from common.records.test_metrics import PointMetrics
from common.units import scaled, three_digits


def duration(milliseconds: float | None) -> str:
    if milliseconds is None:
        return "an unknown time"
    number, unit = scaled(milliseconds, "ms")
    return f"{three_digits(number)} {unit}"


def rate(per_second: float | None, unit: str = "tokens/s") -> str:
    return "an unknown rate" if per_second is None else f"{three_digits(per_second)} {unit}"


def share(percent: float | None) -> str:
    return "an unknown share" if percent is None else f"{three_digits(percent)} %"


def value_by_point(points: Sequence[PointMetrics], metric: str) -> list[tuple[Point, float]]:
    """Return each point with its value of a metric, without points that have no value."""
    known = [(measured["point"], measured["statistics"].get(metric)) for measured in points]
    return [(point, value) for point, statistic in known if statistic and (value := statistic["value"]) is not None]


def first_and_last(
    points: Sequence[PointMetrics], metric: str
) -> tuple[tuple[Point, float], tuple[Point, float]] | None:
    """Return the first and the last point with their values; None if fewer than two points have a value."""
    known = value_by_point(points, metric)
    return (known[0], known[-1]) if len(known) > 1 else None
