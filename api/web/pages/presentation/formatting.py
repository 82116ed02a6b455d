"""Formatting of values for readers: three digits, a fitting unit, and a dash for an unknown value."""

from collections.abc import Callable
from datetime import datetime

from markupsafe import Markup, escape

from common.catalogue import wording
from common.catalogue.metrics import METRICS
from common.catalogue.options import POINT_FORMATS
from common.stats.distribution import Bounds, Distribution, Median, bounds_of
from common.values import units
from common.values.units import iso

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
    number, shown = units.number_and_unit(value, unit)
    parts = f'<span class="number">{number}</span> <span class="unit">{escape(shown)}</span>'
    return Markup(f'<span class="quantity">{parts}</span>')  # noqa: S704 - a number, and an escaped word


def spread(statistic: Median | None) -> Markup:
    """Return `spread_text` as HTML."""
    if statistic is None:
        return UNKNOWN
    return Markup(f'<span class="spread">{escape(spread_text(statistic))}</span>')  # noqa: S704 - escaped


def spread_text(statistic: Median) -> str:
    """Return the interval of a median and what it comes from, such as `95 %: 41.5–42.9, n = 10`.

    Too few runs have `n = 3, no interval`.
    """
    bounds = statistic.get("ci95")
    return f"95 %: {range_text(bounds, statistic['unit'])}, {samples(statistic)}" if bounds else samples(statistic)


def give_or_take(statistic: Distribution) -> Markup:
    """Return half the 95 % interval as a share of the median, such as `±3 %, n = 10`."""
    low, high = bounds_of(statistic)
    median = statistic["median"]
    half = None if low is None or high is None or not median else 50 * (high - low) / abs(median)
    share = "" if half is None else f"±{half:.0f} %, " if half >= 1 or half == 0 else "±<1 %, "
    return Markup('<span class="spread">{}{}</span>').format(share, samples(statistic))


def between(low: float, high: float, unit: str) -> Markup:
    """Return a range that is not the interval of a median, such as `4–8 users`."""
    return Markup('<span class="spread">{}</span>').format(range_text([low, high], unit))


def samples(statistic: Median) -> str:
    """Return what a median comes from, such as `n = 40 in 5 runs, no interval` or `n = 10, 2 unanswered`.

    Earlier releases computed intervals by resampling, and that is said of theirs.
    """
    n, runs, censored = statistic["n"], statistic.get("runs", statistic["n"]), statistic.get("censored", 0)
    parts = [f"n = {n}" if runs == n else f"n = {n} in {runs} runs"]
    parts += [f"{censored} unanswered"] if censored else []
    parts += [] if statistic.get("ci95") else ["no interval"]
    parts += ["computed before order statistics"] if statistic.get("ci95") and is_earlier(statistic) else []
    return ", ".join(parts)


def is_earlier(statistic: Median) -> bool:
    """Return whether an earlier release computed the distribution: it has no number of runs."""
    return "median" in statistic and "runs" not in statistic


def range_text(bounds: Bounds, unit: str) -> str:
    """Return the bounds of an interval, such as `41.5–42.9 tok/s`."""
    low, high = bounds
    if low is None:
        return "not reached"
    if high is None:
        return f"{text(low, unit)} or more"
    return units.range_text(low, high, unit, "–")


def when(moment: datetime | None) -> Markup:
    """Return a time in UTC, which scripts convert to the reader's time zone."""
    if moment is None:
        return UNKNOWN
    return Markup(f'<time datetime="{iso(moment)}">{moment:%Y-%m-%d %H:%M} UTC</time>')  # noqa: S704 - digits alone


def clock(moment: str) -> Markup:
    """Return the hour and minute of an ISO 8601 time in UTC, which scripts convert as `when`."""
    shown = f'<time datetime="{escape(moment)}" data-clock>{escape(moment[11:16])} UTC</time>'
    return Markup(shown)  # noqa: S704 - escaped


def day(moment: datetime) -> str:
    """Return a day, such as `19 Nov`, with the year if it is another one."""
    return f"{moment.day} {moment:%b}" + ("" if moment.year == units.now().year else f" {moment.year}")


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
    "clock": clock,
    "day": day,
    "give_or_take": give_or_take,
    "label": label,
    "moment": moment,
    "point_text": point_text,
    "quantity": quantity,
    "range_text": units.range_text,
    "spread": spread,
    "text": text,
    "when": when,
    "with_acronyms": with_acronyms,
}
