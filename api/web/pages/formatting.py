"""Formatting of values for readers: three digits, a fitting unit, and a dash for an unknown value."""

from collections.abc import Callable, Sequence
from datetime import datetime

from markupsafe import Markup, escape

from api import wording
from common import units
from common.catalogue.metrics import METRICS
from common.catalogue.options import POINT_FORMATS
from common.stats.distribution import Distribution, Median
from common.units import digits, iso

UNKNOWN = Markup('<span class="missing" role="img" aria-label="unknown">–</span>')
FORMATS = {
    "largerUnits": units.LARGER_UNITS,
    "shortUnits": units.SHORT_UNITS,
    "countUnits": units.COUNT_UNITS,
    "points": POINT_FORMATS,
}
"""What the scripts need to format values like this module."""
scaled, text = units.shortened, units.text
point_text, spaced, with_acronyms = wording.point_text, wording.spaced, wording.with_acronyms


def quantity(value: float | None, unit: str = "") -> Markup:
    """Return a number and its unit as HTML, which CSS can style apart and keeps on one line."""
    if value is None:
        return UNKNOWN
    number, shown = scaled(value, unit)
    parts = f'<span class="number">{digits(number, unit)}</span> <span class="unit">{escape(shown)}</span>'
    return Markup(f'<span class="quantity">{parts}</span>')  # noqa: S704 - a number, and an escaped word


def spread(statistic: Median | None) -> Markup:
    """Return the interval of a median, such as `95 %: 41.5–42.9, n = 10`. One or two runs have no interval."""
    if statistic is None:
        return UNKNOWN
    bounds = statistic.get("ci95")
    interval = f"95 %: {_range(bounds, statistic['unit'])}, " if bounds else ""
    return Markup(f'<span class="spread">{escape(interval)}n = {statistic["n"]:d}</span>')  # noqa: S704 - escaped, and a number


def give_or_take(statistic: Distribution) -> Markup:
    """Return half the 95 % interval as a share of the median, such as `±3 %, n = 10`."""
    bounds, median = statistic.get("ci95"), statistic["median"]
    half = 50 * (bounds[1] - bounds[0]) / abs(median) if bounds and median else None
    share = "" if half is None else f"±{half:.0f} %, " if half >= 1 or half == 0 else "±<1 %, "
    return Markup('<span class="spread">{}n = {}</span>').format(share, statistic["n"])


def _range(bounds: Sequence[float], unit: str) -> str:
    low, high = bounds
    number, shown = scaled(high, unit)
    factor = high / number if number else 1.0
    return f"{digits(low / factor, unit)}–{digits(number, unit)} {shown}"


def when(moment: datetime | None) -> Markup:
    """Return a time in UTC, which scripts convert to the reader's time zone."""
    if moment is None:
        return UNKNOWN
    return Markup(f'<time datetime="{iso(moment)}">{moment:%Y-%m-%d %H:%M} UTC</time>')  # noqa: S704 - digits alone


def moment(ms: int) -> Markup:
    """Return `when` for a time in milliseconds since 1970."""
    return when(units.moment(ms))


def label(metric: str) -> str:
    """Return the metric's label, the term of the field."""
    return METRICS[metric].label if metric in METRICS else metric


def of_type(metric: str, test_type: str) -> str:
    """Return the beginning of a title, such as `TTFT in decode`, or the metric alone if the type has the same name."""
    name = label(metric)
    return capitalize_first(name if name.lower() == test_type.lower() else f"{name} in {test_type}")


def capitalize_first(sentence: str) -> str:
    """Return the sentence with a capital first letter and the rest unchanged, because messages hold names."""
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
    "with_acronyms": with_acronyms,
}
