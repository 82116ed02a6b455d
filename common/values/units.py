"""Units of the API: milliseconds, bytes, MHz, percent, watts, joules, ISO 8601 in UTC."""

import re
from datetime import UTC, datetime, timedelta

NS_PER_MS = 1_000_000
NS_PER_S = 1_000_000_000


EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - naive, as in the database
MILLISECOND = timedelta(milliseconds=1)


def now() -> datetime:
    """Return the time in UTC as the database stores it: without a zone, because every column is UTC."""
    return datetime.now(UTC).replace(tzinfo=None)


def iso(moment: datetime | None) -> str | None:
    """Format a naive UTC time as `2026-03-01T12:00:00.123Z`."""
    return None if moment is None else moment.isoformat(timespec="milliseconds") + "Z"


def epoch_ms(moment: datetime) -> int:
    """Return the milliseconds since 1970 of a naive UTC time."""
    return (moment - EPOCH) // MILLISECOND


def moment(ms: int) -> datetime:
    """Return the naive UTC time of milliseconds since 1970."""
    return EPOCH + ms * MILLISECOND


def naive_utc(moment: datetime) -> datetime:
    """Convert a client's time, with or without a zone, to a naive UTC time."""
    return moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)


def three_digits(value: float) -> str:
    """Format a number with three digits, or more before the point, and no exponent."""
    decimals = 0 if abs(value) >= 99.95 else 1 if abs(value) >= 9.995 else 2  # noqa: PLR2004 - powers of ten, rounded
    return f"{value:.{decimals}f}"


LARGER_UNITS = {
    "ms": ((60_000.0, "min"), (1000.0, "s")),
    "bytes": ((2.0**40, "TB"), (2.0**30, "GB"), (2.0**20, "MB"), (2.0**10, "kB")),
    "file bytes": ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB")),
    "MHz": ((1000.0, "GHz"),),
}
"""Larger units with their factors, the largest first.

Memory is counted in powers of two, as it is sold: a card of 24 GB has 24 × 2³⁰ bytes. Files and disks, whose unit is
`file bytes`, are counted in powers of ten, as Ollama lists models.
"""

SHORT_UNITS = {
    "tokens/s": "tok/s",
    "J/token": "J/tok",
    "bytes": "B",
    "file bytes": "B",
    "requests/s": "req/s",
    "embeddings/s": "emb/s",
}
"""Short names of units, for pages and tables."""

COUNT_UNITS = ("tokens", "users", "requests")
"""Units of whole numbers, which are shown with all digits."""
NEARLY = 0.005
"""A card's memory is called by the whole number that it is this close to: a driver keeps some of it."""
MINUTE_S, HOUR_S = 60, 3600
MS_PER_S = 1000


def scaled(value: float, unit: str) -> tuple[float, str]:
    """Convert the value to the unit that fits it best: 12,400 ms are 12.4 s."""
    fits = ((value / factor, larger) for factor, larger in LARGER_UNITS.get(unit, ()) if abs(value) >= factor)
    return next(fits, (value, unit))


def shortened(value: float, unit: str) -> tuple[float, str]:
    """Return the value in the unit that fits it, as `scaled`, with a short name of the unit."""
    number, scaled_unit = scaled(value, unit)
    return number, SHORT_UNITS.get(scaled_unit, scaled_unit)


def number_and_unit(value: float, unit: str) -> tuple[str, str]:
    """Return the text of a value in the unit that fits it, and that unit: 83,000 ms are `1 min 23` and `s`."""
    seconds = int(abs(value) / MS_PER_S + 0.5)
    if unit == "ms" and seconds >= MINUTE_S:
        return _long_duration(seconds, "-" if value < 0 else "")
    number, shown = shortened(value, unit)
    return counted(digits(number, unit), shown)


def counted(number: str, unit: str) -> tuple[str, str]:
    """Return the number and its unit, which is singular for one of what is counted: 1 user."""
    return number, unit.removesuffix("s") if number == "1" and unit in COUNT_UNITS else unit


def _long_duration(seconds: int, sign: str) -> tuple[str, str]:
    larger, smaller, unit, rest = (MINUTE_S, 1, "min", "s") if seconds < HOUR_S else (HOUR_S, MINUTE_S, "h", "min")
    whole, parts = divmod(seconds // smaller, larger // smaller)
    return (f"{sign}{whole} {unit} {parts}", rest) if parts else (f"{sign}{whole}", unit)


def digits(value: float, unit: str) -> str:
    """Return three significant digits, or the whole number of counted things, and of the memory of a card."""
    whole = int(value + 0.5)
    is_whole = value == whole if unit in COUNT_UNITS else unit == "bytes" and abs(value - whole) <= NEARLY * abs(value)
    return str(whole) if is_whole else three_digits(value)


def text(value: float | None, unit: str = "") -> str:
    """Return a value as plain text, such as `12.4 s`."""
    if value is None:
        return "–"
    return " ".join(number_and_unit(value, unit)).rstrip()


def joined(low: str, high: str, word: str = " to ") -> str:
    """Return two ends as one text, such as `41.5 to 42.9`, or `128` if both read the same."""
    return low if low == high else f"{low}{word}{high}"


def range_text(low: float, high: float, unit: str, word: str = " to ") -> str:
    """Return a range in the unit that fits its higher end, such as `41.5 to 42.9 tok/s` or `58.0 s to 1 min 3 s`."""
    if unit == "ms" and abs(high) >= MINUTE_S * MS_PER_S:
        return joined(text(low, unit), text(high, unit), word)
    number, shown = shortened(high, unit)
    factor = high / number if number else 1.0
    return " ".join(counted(joined(digits(low / factor, unit), digits(number, unit), word), shown)).rstrip()


DEFAULT_REGISTRY = re.compile(r"^(\w+://)?(registry\.ollama\.ai/)?(library/)?", re.IGNORECASE)
"""What Ollama leaves out when it lists a model's name."""


def model_name(name: str) -> str:
    """Return a model's full name as Ollama lists it.

    `tiny` and `registry.ollama.ai/library/tiny` are `tiny:latest`.
    """
    short = DEFAULT_REGISTRY.sub("", name)
    return short if ":" in short.rpartition("/")[2] else f"{short}:latest"
