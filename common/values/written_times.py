"""Dates and times as clients write them."""

import re
from datetime import UTC, date, datetime, time
from email.utils import parsedate_to_datetime

ZONE_NAME = re.compile(r"\[[^\]]*\]$")
"""The name of a zone after its offset, as Java and JavaScript write it (RFC 9557)."""
DAY_WITH_ZONE = re.compile(r"(\d{4}-\d{2}-\d{2})(Z|[+-]\d{2}:?\d{2})")
"""A date of XML Schema, as Java and .NET write it."""
WITH_WEEKDAY = re.compile(r"[A-Z][a-z]{2},? (.+:\d{2}) (?:GMT|UTC)?([ +-]\d{4})?(?: \(.*\))?")
"""A time of HTTP or of e-mail (RFC 5322), or what JavaScript's `String(date)` makes, with an offset in the second."""
ZONE_APART = re.compile(r"(.+:[\d.,]+) +(UTC|GMT|[+-]?\d{2}(?::?\d{2})?)(?: [A-Z]{1,5})?")
"""A time with a blank before its zone, as Ruby and Go write it, or with a + in a URL that is not escaped."""


def written_time(text: str, *, last: bool = False) -> datetime:
    """Return the time that a text means, which has no zone if the text has none.

    A date means the start of the day, or its end if `last`, in UTC unless it has an offset.

    Raises:
        ValueError: if the text is not a date or a time.
    """
    moment = time.max if last else time.min
    try:
        return datetime.combine(date.fromisoformat(text), moment, UTC)
    except ValueError:
        return _with_zone(text, moment) or _with_weekday(text) or _iso(ZONE_NAME.sub("", text).upper())


def _with_zone(text: str, moment: time) -> datetime | None:
    found = DAY_WITH_ZONE.fullmatch(text)
    return datetime.fromisoformat(f"{found[1]}T{moment.isoformat()}{found[2]}") if found else None


def _with_weekday(text: str) -> datetime | None:
    found = WITH_WEEKDAY.fullmatch(text)
    return parsedate_to_datetime(f"{found[1]} {_offset(found[2] or '+0000')}") if found else None


def _iso(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        found = ZONE_APART.fullmatch(text)
        if not found:
            raise
        return datetime.fromisoformat(f"{found[1]}{_offset(found[2])}")


def _offset(zone: str) -> str:
    """Return a zone as an offset with its sign. A + in a URL that is not escaped arrives as a blank."""
    digits = zone.strip()
    if digits in {"UTC", "GMT"}:
        return "+00:00"
    return digits if digits[0] in "+-" else f"+{digits}"
