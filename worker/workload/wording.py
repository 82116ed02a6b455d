"""Numbers as a person says them, for findings: three digits, with the unit that fits."""

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


def at(points: Sequence[PointMetrics], metric: str) -> list[tuple[Point, float]]:
    """Each point of a test's metrics with its value of a metric, without those that have none."""
    known = [(told["point"], told["statistics"].get(metric)) for told in points]
    return [(point, found["value"]) for point, found in known if found]


def ends(points: Sequence[PointMetrics], metric: str) -> tuple[tuple[Point, float], tuple[Point, float]] | None:
    """The first and the last point with their values; None where fewer than two have one."""
    known = at(points, metric)
    return (known[0], known[-1]) if len(known) > 1 else None
