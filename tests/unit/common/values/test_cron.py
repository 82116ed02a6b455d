"""Times of cron expressions, through the nights on which clocks change."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from croniter import croniter
from hypothesis import given
from hypothesis import strategies as st

from common.values.cron import InvalidTime, check_cron, check_zone, next_time

BERLIN = "Europe/Berlin"
"""Its clock goes from 02:00 to 03:00 on 29 March 2026, and from 03:00 to 02:00 on 25 October."""


def times(cron: str, zone: str, after: str, number: int) -> list[str]:
    """Return times in UTC, which are asked for one after the other, as a scheduler does."""
    found, moment = [], datetime.fromisoformat(after)
    for _ in range(number):
        moment = next_time(cron, zone, moment)
        found.append(f"{moment:%d %H:%M}")
    return found


@pytest.mark.parametrize(
    ("cron", "zone", "after", "expected"),
    [
        # skipped: as much later as the clock is put forward, which is 03:30 here
        ("30 2 * * *", BERLIN, "2026-03-28", ["28 01:30", "29 01:30", "30 00:30"]),
        ("*/30 2,3 * * *", BERLIN, "2026-03-29", ["29 01:00", "29 01:30", "30 00:00", "30 00:30"]),
        ("0 * * * *", BERLIN, "2026-03-28T23:30", ["29 00:00", "29 01:00", "29 02:00"]),
        ("15 * * * *", "Australia/Lord_Howe", "2026-10-03T14:30", ["03 14:45", "03 15:45", "03 16:15"]),
        # shown twice: once, at the first, unless it is for every hour
        ("30 2 * * *", BERLIN, "2026-10-24", ["24 00:30", "25 00:30", "26 01:30"]),
        ("30 2 * * *", BERLIN, "2026-10-25T00:30", ["26 01:30"]),
        ("0 * * * *", BERLIN, "2026-10-24T22:30", ["24 23:00", "25 00:00", "25 01:00", "25 02:00"]),
        ("45 0-23 * * *", BERLIN, "2026-10-25T00:00", ["25 00:45", "25 01:45", "25 02:45"]),
        # a day that was skipped as a whole
        ("0 2 * * *", "Pacific/Apia", "2011-12-28", ["28 12:00", "29 12:00", "30 12:00"]),
        # neither
        ("@weekly", "UTC", "2026-11-27", ["29 00:00", "06 00:00"]),
        ("0 12 13 * fri", "UTC", "2026-11-05", ["06 12:00", "13 12:00", "20 12:00"]),
        ("0 0 29 2 *", "UTC", "2026-01-01", ["29 00:00", "29 00:00"]),
        ("0 0 L * *", "Asia/Kathmandu", "2026-02-01", ["27 18:15", "30 18:15"]),
    ],
)
def test_clocks_that_change(cron: str, zone: str, after: str, expected: list[str]) -> None:
    assert times(cron, zone, after, len(expected)) == expected


@given(
    cron=st.sampled_from(["*/7 * * * *", "30 2 * * *", "0,30 */2 * * *", "59 23 * * *"]),
    zone=st.sampled_from([BERLIN, "America/St_Johns", "Australia/Lord_Howe", "Africa/Casablanca", "UTC"]),
    after=st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)),  # noqa: DTZ001 - naive, as in the database
)
def test_no_time_that_the_clock_shows_is_passed_over(cron: str, zone: str, after: datetime) -> None:
    """Compare the next time with the clock itself, at every minute until then."""
    minutes, hours = (
        set(range(length)) if field == ["*"] else set(field)
        for field, length in zip(croniter.expand(cron)[0], (60, 24), strict=False)
    )
    found = next_time(cron, zone, after).replace(tzinfo=UTC)
    minute = after.replace(second=0, microsecond=0, tzinfo=UTC) + timedelta(minutes=1)
    while minute < found:
        clock = minute.astimezone(ZoneInfo(zone))
        assert clock.minute not in minutes or clock.hour not in hours or clock.fold, clock
        minute += timedelta(minutes=1)


@pytest.mark.parametrize(
    ("cron", "problem"),
    [
        ("0 0 30 2 *", "has no time: there is no day 30 in month 2"),
        ("0 0 31 apr,jun *", "has no time: there is no day 31 in month apr,jun"),
        ("0 2 * *", "It has 4 fields."),
        ("0 0 2 * * *", "It has 6 fields."),
        ("60 2 * * *", "'60 2 * * *' is not acceptable, out of range."),
        ("0 24 * * *", "out of range"),
        ("*/0 * * * *", "step '0'"),
        ("two in the night please", "is not acceptable"),
        ("H 2 * * *", "H and R are not supported"),
        ("R/5 2 * * *", "H and R are not supported"),
        ("@reboot", "Names are @hourly, @daily"),
        ("\u0660 \u0662 * * *", "is not acceptable"),
        ("", "It has 0 fields."),
    ],
)
def test_what_has_no_times_is_refused_with_what_is_expected(cron: str, problem: str) -> None:
    with pytest.raises(InvalidTime) as refused:
        check_cron(cron)
    assert problem in str(refused.value)


@pytest.mark.parametrize("name", ["Europe", "Berlin", "../../etc/passwd", "/etc/localtime", "localtime", "", "+02:00"])
def test_only_time_zones_of_the_iana_database_are_known(name: str) -> None:
    with pytest.raises(InvalidTime, match="such as Europe/Berlin"):
        check_zone(name)
    with pytest.raises(InvalidTime, match="such as Europe/Berlin"):
        next_time("0 2 * * *", name, datetime(2026, 1, 1))  # noqa: DTZ001 - as above
