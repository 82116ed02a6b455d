"""How a person reads values: three digits, the unit that fits and apart from the number, and a dash for the unknown."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from markupsafe import Markup, escape

from common import units
from common.catalogue.metrics import METRICS
from common.units import iso, three_digits

Json = Mapping[str, Any]

UNKNOWN = Markup('<span class="missing" role="img" aria-label="unknown">–</span>')
SHORT = {"tokens/s": "tok/s", "J/token": "J/tok", "bytes": "B", "requests/s": "req/s", "embeddings/s": "emb/s"}

COUNTED = {"tokens", "users", "requests"}


def scaled(value: float, unit: str) -> tuple[float, str]:
    """As common.units, with the short names of units."""
    number, said = units.scaled(value, unit)
    return number, SHORT.get(said, said)


def digits(value: float, unit: str) -> str:
    """Three digits; of whole things no more than are there."""
    return f"{value:.0f}" if unit in COUNTED and value == round(value) else three_digits(value)


def text(value: float | None, unit: str = "") -> str:
    """`12.4 s`, as plain text."""
    if value is None:
        return "–"
    number, shown = scaled(value, unit)
    return f"{digits(number, unit)} {shown}".rstrip()


def quantity(value: float | None, unit: str = "") -> Markup:
    """A number with its unit, that CSS can tell apart, and that stay on one line."""
    if value is None:
        return UNKNOWN
    number, shown = scaled(value, unit)
    told = f'<span class="number">{digits(number, unit)}</span> <span class="unit">{escape(shown)}</span>'
    return Markup(f'<span class="quantity">{told}</span>')  # noqa: S704 - a number, and an escaped word


def spread(statistic: Json | None) -> Markup:
    """How sure a median is: `95 %: 41.5–42.9, n = 10`; of one or two runs there is no interval."""
    if statistic is None:
        return UNKNOWN
    bounds = statistic.get("ci95")
    interval = f"95 %: {_range(bounds, statistic['unit'])}, " if bounds else ""
    return Markup(f'<span class="spread">{escape(interval)}n = {statistic["n"]:d}</span>')  # noqa: S704 - escaped, and a number


def give_or_take(statistic: Json) -> Markup:
    """How sure a median is, in short: `±3 %, n = 10`, where half its 95 % interval is 3 % of it."""
    bounds, median = statistic.get("ci95"), statistic["median"]
    half = 50 * (bounds[1] - bounds[0]) / abs(median) if bounds and median else None
    told = "" if half is None else f"±{half:.0f} %, " if half >= 1 or half == 0 else "±<1 %, "
    return Markup('<span class="spread">{}n = {}</span>').format(told, statistic["n"])


def _range(bounds: tuple[float, float], unit: str) -> str:
    low, high = bounds
    number, shown = scaled(high, unit)
    factor = high / number if number else 1.0
    return f"{digits(low / factor, unit)}–{digits(number, unit)} {shown}"


def when(moment: datetime | None) -> Markup:
    """A time in UTC, which scripts turn into the reader's own."""
    if moment is None:
        return UNKNOWN
    return Markup(f'<time datetime="{iso(moment)}">{moment:%Y-%m-%d %H:%M} UTC</time>')  # noqa: S704 - digits alone


def moment(ms: int) -> Markup:
    """As `when`, of milliseconds since 1970."""
    return when(units.moment(ms))


def label(metric: str) -> str:
    """A metric's name as people in the field say it."""
    return METRICS[metric].label if metric in METRICS else metric


def of_type(metric: str, test_type: str) -> str:
    """`TTFT in decode`, to begin a title with; the metric alone where the type is called after it."""
    said = label(metric)
    return capitalize_first(said if said.lower() == test_type.lower() else f"{said} in {test_type}")


POINTS = {
    "after": "after {}",
    "batchSize": "batch of {}",
    "inputTokens": "inputs of {} tokens",
    "loadPercent": "{} % load",
    "offloadPercent": "{} % of the layers",
    "pageCache": "page cache {}",
    "prefix": "{} prefix",
    "turn": "turn {}",
    "users": "{} at once",
}
"""How parts of tests are called, where it is not `1024 prompt tokens`."""


def point_text(point: Json | None) -> str:
    """`1024 prompt tokens`: what a part of a test is measured at; nothing for a test of one part."""
    told = [POINTS.get(name, f"{{}} {spaced(name)}").format(value) for name, value in (point or {}).items()]
    return ", ".join(told)


def spaced(name: str) -> str:
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name)


def capitalize_first(sentence: str) -> str:
    """With a capital at its beginning and the rest as it is: messages hold names."""
    return sentence[:1].upper() + sentence[1:]


FILTERS: dict[str, Callable[..., object]] = {
    "capitalize_first": capitalize_first,
    "give_or_take": give_or_take,
    "label": label,
    "moment": moment,
    "point_text": point_text,
    "quantity": quantity,
    "spread": spread,
    "text": text,
    "when": when,
}
