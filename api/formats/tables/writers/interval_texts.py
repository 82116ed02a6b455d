"""Medians and their intervals as text, for tables that people read."""

from common.stats.distribution import Distribution, bounds_of
from common.values.units import digits, range_text, shortened

UNKNOWN = "–"


def value_text(value: float | None, unit: str) -> str:
    """Return a value with its unit, such as `41.5 tok/s`."""
    if value is None:
        return UNKNOWN
    number, shown = shortened(value, unit)
    return f"{digits(number, unit)} {shown}".rstrip()


def interval_text(statistic: Distribution | None, unit: str) -> str:
    """Return the bounds in one unit, such as `41.5 to 42.9 tok/s`."""
    low, high = bounds_of(statistic)
    if low is None:
        return UNKNOWN
    if high is None:
        return f"{value_text(low, unit)} or more"
    return range_text(low, high, unit)
