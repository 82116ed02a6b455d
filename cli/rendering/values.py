"""Values as people write them: quantities, times, ids."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import pairwise

from cli.rendering.tables import UNKNOWN
from common.units import HOUR_S, MINUTE_S, MS_PER_S, joined, scaled, shortened, three_digits

WHOLE = ("%", "B", "kB", "MB")
MIN_ID = 13
"""The first two groups of an id, which are the millisecond of its submission."""


def quantity(value: float | None, unit: str) -> str:
    """Return a value in the unit that fits it best, such as `12.4 s`."""
    if value is None:
        return UNKNOWN
    number, shown = shortened(value, unit)
    return f"{number:.0f} {shown}" if shown in WHOLE else f"{three_digits(number)} {shown}".rstrip()


def signed(number: float) -> str:
    """Return a change with its sign, such as `−5.0`."""
    return f"{'−' if number < 0 else '+'}{three_digits(abs(number))}"


def interval(bounds: Sequence[float | None] | None, value: float | None, unit: str) -> str:
    """Return a value's interval such as `44.8 – 45.4`, in the unit of `quantity(value, unit)`; empty if unknown."""
    low, high = bounds or (None, None)
    if value is None or low is None or high is None:
        return ""
    factor = scaled(value, unit)[0] / value if value else 1
    return joined(three_digits(low * factor), three_digits(high * factor), " – ")


def short_name(model: str) -> str:
    """Return a model's name as people write it."""
    return model.removesuffix(":latest")


def local_time(text: str | None) -> str:
    """Return a time of the API in the time zone of this machine, to the minute."""
    return "" if text is None else f"{datetime.fromisoformat(text).astimezone():%Y-%m-%d %H:%M}"


def duration(ms: float | None) -> str:
    """Return a duration such as `4 s`, `3 min` or `2.5 h`."""
    if ms is None:
        return ""
    seconds = ms / MS_PER_S
    if seconds < MINUTE_S:
        return f"{seconds:.0f} s"
    return f"{seconds / MINUTE_S:.0f} min" if seconds < HOUR_S else f"{seconds / HOUR_S:.1f} h"


def short_ids(ids: Iterable[str]) -> dict[str, str]:
    """Return the shortest beginnings of these ids, all of one length, that differ from each other."""
    ordered = sorted(set(ids))
    shared = max((_shared(one, other) for one, other in pairwise(ordered)), default=0)
    return {each: each[: max(MIN_ID, shared + 1)].rstrip("-") for each in ordered}


def _shared(one: str, other: str) -> int:
    """Return the length of the common beginning."""
    return next(index for index, (a, b) in enumerate(zip(one, other, strict=True)) if a != b)
