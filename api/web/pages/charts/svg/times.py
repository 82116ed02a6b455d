"""Axes of time, in UTC: which days or hours are written beside them."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from api.web.pages.charts.svg.scales import MARGIN, Scale
from common.values.units import epoch_ms, moment

MAX_TICKS = 7
HOUR_MS = 3_600_000
DAY_H = 24
HOURS = (1, 2, 3, 6, 12, 24, 48, 96, 168, 336)
"""Distances of ticks in hours. Longer ones are months."""
MONTHS = (1, 2, 3, 6)
MONTH_H = 730
YEAR = 12


def of_times(values: Iterable[float]) -> Scale:
    """Return a scale of milliseconds since 1970."""
    known = list(values)
    low, high = min(known), max(known)
    room = (high - low) * MARGIN / 2 or HOUR_MS
    start, end = low - room, high + room
    ticks = [(epoch_ms(at), text) for at, text in _ticks(moment(int(start)), moment(int(end)))]
    return Scale(
        lambda value: (value - start) / (end - start),
        [((at - start) / (end - start), text) for at, text in ticks if start <= at <= end],
        "",
    )


def _ticks(start: datetime, end: datetime) -> Iterator[tuple[datetime, str]]:
    hours = (end - start).total_seconds() / 3600
    step = next((step for step in HOURS if hours / step <= MAX_TICKS), None)
    yield from _in_hours(start, end, step) if step else _in_months(start, end, hours / MONTH_H)


def _in_hours(start: datetime, end: datetime, step: int) -> Iterator[tuple[datetime, str]]:
    midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
    count = int((end - midnight) / timedelta(hours=step)) + 1
    for at in (midnight + number * timedelta(hours=step) for number in range(count + 1)):
        yield at, _day(at) if step >= DAY_H or at.hour == 0 else f"{at:%H:%M}"


def _in_months(start: datetime, end: datetime, months: float) -> Iterator[tuple[datetime, str]]:
    step = next((step for step in MONTHS if months / step <= MAX_TICKS), YEAR)
    first = start.year * YEAR
    for number in range(first, end.year * YEAR + YEAR + 1, step):
        at = datetime(number // YEAR, number % YEAR + 1, 1)  # noqa: DTZ001 - naive, as in the database
        yield at, f"{at:%b %Y}"


def _day(at: datetime) -> str:
    return f"{at.day} {at:%b}"
