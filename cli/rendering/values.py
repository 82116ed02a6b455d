"""Values as people write them: quantities, times, ids."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import pairwise

from common.values.units import digits, joined, scaled, text, three_digits

MIN_ID = 13
"""The first two groups of an id, which are the millisecond of its submission."""


def quantity(value: float | None, unit: str) -> str:
    """Return a value as pages write it, such as `12.4 s`, `1 min 23 s` or `24 GB`."""
    return text(value, unit)


def signed(number: float) -> str:
    """Return a change with its sign, such as `−5.0`."""
    return f"{'−' if number < 0 else '+'}{three_digits(abs(number))}"


def interval(bounds: Sequence[float | None] | None, value: float | None, unit: str) -> str:
    """Return a value's interval such as `44.8 – 45.4`, in the unit of `quantity(value, unit)`; empty if unknown."""
    low, high = bounds or (None, None)
    if value is None or low is None or high is None:
        return ""
    number, shown = scaled(value, unit)
    if (unit, shown) == ("ms", "min"):  # long durations have two units, as in 1 min 23 s
        return joined(text(low, unit), text(high, unit), " – ")
    factor = number / value if value else 1
    return joined(digits(low * factor, unit), digits(high * factor, unit), " – ")


def short_name(model: str) -> str:
    """Return a model's name as people write it."""
    return model.removesuffix(":latest")


def local_time(text: str | None) -> str:
    """Return a time of the API in the time zone of this machine, to the minute."""
    return "" if text is None else f"{datetime.fromisoformat(text).astimezone():%Y-%m-%d %H:%M}"


def short_ids(ids: Iterable[str]) -> dict[str, str]:
    """Return the shortest beginnings of these ids, all of one length, that differ from each other."""
    ordered = sorted(set(ids))
    shared = max((_shared(one, other) for one, other in pairwise(ordered)), default=0)
    return {each: each[: max(MIN_ID, shared + 1)].rstrip("-") for each in ordered}


def _shared(one: str, other: str) -> int:
    """Return the length of the common beginning."""
    return next(index for index, (a, b) in enumerate(zip(one, other, strict=True)) if a != b)
