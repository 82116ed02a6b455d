"""The times of a cron expression on the clock of a time zone.

A time that the clock skips, because it is put forward, comes as much later as the clock was put forward. A time that
the clock shows twice comes once, at the first; only expressions for every hour also have the second, because their
hours would not be one hour apart otherwise.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from croniter import croniter
from croniter.croniter import CroniterBadDateError, CroniterError

MAX_SHIFT = timedelta(hours=3)
"""More than any clock is put forward or back at once, but where a whole day is skipped."""
FIELDS = 5
HOUR = 1
HOURS_OF_A_DAY = 24
ALIASES = ("@hourly", "@daily", "@midnight", "@weekly", "@monthly", "@yearly", "@annually")
EXAMPLE = "such as `30 2 * * 1-5` for 02:30 on weekdays"
EXPECTED = f"must be a cron expression: minute, hour, day of month, month and day of week, {EXAMPLE}"
RANDOM = ("h", "r")
"""What croniter replaces by random numbers, which would be others at each look."""


class InvalidTime(ValueError):
    """A cron expression or a time zone that has no times."""


def check_cron(cron: str) -> None:
    """Refuse what is not a cron expression, or has no time.

    Raises:
        InvalidTime: with what is wrong and what is expected.
    """
    if cron.startswith("@"):
        _check_alias(cron)
        return
    fields = cron.split()
    if len(fields) != FIELDS:
        raise InvalidTime(f"{EXPECTED}. It has {len(fields)} {'field' if len(fields) == 1 else 'fields'}.")
    if any(field.lower().startswith(RANDOM) for field in fields):
        raise InvalidTime(f"{EXPECTED}. H and R are not supported.")
    try:
        croniter(cron).get_next(datetime)
    except CroniterBadDateError as error:
        raise InvalidTime(f"has no time: there is no day {fields[2]} in month {fields[3]}") from error
    except CroniterError as error:
        raise InvalidTime(f"{EXPECTED}. {_reason(cron, error)}") from error


def _check_alias(cron: str) -> None:
    if cron.lower() not in ALIASES:
        raise InvalidTime(f"{EXPECTED}. Names are {', '.join(ALIASES)}.")


def check_zone(name: str) -> None:
    """Refuse what is not the name of a time zone.

    Raises:
        InvalidTime: with what is expected.
    """
    if name not in _zones():
        raise InvalidTime("must be a time zone of the IANA database, such as Europe/Berlin or UTC")


def next_time(cron: str, zone: str, after: datetime) -> datetime:
    """Return the first time after a moment. Both are naive and in UTC.

    Raises:
        InvalidTime: if there is none, because this release or its time zones do not know the expression or the zone.
    """
    check_zone(zone)
    place, found, at = ZoneInfo(zone), None, None
    for wall in _walls(cron, after.replace(tzinfo=UTC).astimezone(place).replace(tzinfo=None) - MAX_SHIFT):
        if at is not None and wall > at + MAX_SHIFT:
            break
        for moment in _moments(wall, place, twice=_is_for_every_hour(cron)):
            if moment > after and (found is None or moment < found):
                found, at = moment, wall
    if found is None:
        raise InvalidTime(f"{cron} has no time after {after}")
    return found


def _walls(cron: str, after: datetime) -> Iterator[datetime]:
    """Yield the times that a clock shows, whether or not it shows them on these days."""
    try:
        yield from croniter(cron, after).all_next(datetime)
    except CroniterError as error:
        raise InvalidTime(str(error)) from error


def _moments(wall: datetime, place: ZoneInfo, *, twice: bool) -> Iterator[datetime]:
    """Yield when the clock shows a time, in UTC. A skipped time is read with the offset of before."""
    first, second = (wall.replace(tzinfo=place, fold=fold).astimezone(UTC).replace(tzinfo=None) for fold in (0, 1))
    yield first
    if twice and second > first:  # the clock was put back; for a skipped time, the second is the earlier
        yield second


@cache
def _is_for_every_hour(cron: str) -> bool:
    hours = croniter.expand(cron)[0][HOUR]
    return hours == ["*"] or len(hours) == HOURS_OF_A_DAY


@cache
def _zones() -> set[str]:
    return available_timezones() - {"localtime"}  # it would be another one on each machine


def _reason(cron: str, error: CroniterError) -> str:
    """Return croniter's reason as a sentence: `[60 * * * *] is not acceptable, out of range`."""
    reason = str(error).partition(f"[{cron}]")[2].strip() or str(error)
    return f"{cron!r} {reason}." if str(error).startswith("[") else f"{reason.rstrip('.')}."
