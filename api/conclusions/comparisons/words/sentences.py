"""Verdicts in words: the change with its interval, what could have been seen, and why nothing can be concluded."""

from collections.abc import Sequence
from math import floor, isfinite

from api.conclusions.comparisons.evaluation.verdicts import Method, Verdict
from common.catalogue.metrics import Metric
from common.catalogue.test_type import Point
from common.catalogue.wording import point_text
from common.stats.comparing.comparison import PERCENT, PERCENT_UNIT, Difference, Outcome
from common.values.units import joined, shortened, three_digits

ALMOST_ALL, LARGEST_SHARE = 99.5, 99.99
"""Percents. Shares from the first on are written with two decimals, up to the second."""
TOO_MANY = "clear by itself, but not among so many comparisons"
RUNS_DELETED = "runs were deleted, because the session is old"
UNEXPLAINED = "the spread between sessions is unknown, so nobody knows if it would differ again"


def row_title(point: Point, metric: Metric) -> str:
    """Return what a row compares, such as `TTFT (1024 prompt tokens)`."""
    return f"{metric.label} ({point_text(point)})" if point else metric.label


def verdict_sentence(verdict: Verdict, title: str, names: tuple[str, str]) -> str:
    """Return a verdict, such as `TTFT: server is faster than desk: −12.3 % (−14.2 to −10.1)`.

    `title` is what was compared, `names` are those of the baseline and of the column.
    """
    baseline, column = names
    conclusion = {
        Outcome.FASTER: f"{column} is faster than {baseline}",
        Outcome.SLOWER: f"{column} is slower than {baseline}",
        Outcome.BETTER: f"{column} is better than {baseline}",
        Outcome.WORSE: f"{column} is worse than {baseline}",
        Outcome.DIFFERENT: f"{column} differs from {baseline}",
        Outcome.UNCLEAR: f"{column} and {baseline} show no clear difference",
        Outcome.UNEXPLAINED: f"{column} and {baseline} differ in these two sessions",
        Outcome.UNEXPLAINED_HERE: f"{column} and {baseline} differ in this session",
        Outcome.TOO_FEW: f"{column} and {baseline} have too few {_samples(verdict)} to compare",
    }[verdict.outcome]
    return f"{title}: {conclusion}: {verdict_text(verdict)}."


def incomparable_sentence(title: str, names: tuple[str, str], reasons: Sequence[str]) -> str:
    """Return why two columns are not compared."""
    baseline, column = names
    return f"{title}: {column} is not comparable with {baseline}: {', '.join(reasons)}."


def verdict_text(verdict: Verdict) -> str:
    """Return the change from the baseline, such as `+12.3 % (+10.1 to +14.2)`, and what could have been seen."""
    unit = verdict.metric.unit
    smallest = smallest_change(verdict)
    remarks = [TOO_MANY] if verdict.hidden else [RUNS_DELETED] if verdict.runs_deleted else []
    if smallest is not None and not verdict.hidden and verdict.outcome == Outcome.UNCLEAR:
        size = size_text(smallest, unit, relative=verdict.difference.relative)
        remarks = [f"smallest detectable change {size}"]
    return "; ".join([change_text(verdict.difference, unit), *remarks])


def smallest_change(verdict: Verdict) -> float | None:
    """Return the smallest change that would have been found, None if it is unknown."""
    found = verdict.difference.detectable
    return found if found is not None and isfinite(found) else None


def reasons(verdict: Verdict) -> list[str]:
    """Return why a verdict is no clearer than it is."""
    return [
        *([TOO_MANY] if verdict.hidden else []),
        *([_too_few(verdict)] if verdict.outcome == Outcome.TOO_FEW else []),
        *([UNEXPLAINED] if verdict.outcome in {Outcome.UNEXPLAINED, Outcome.UNEXPLAINED_HERE} else []),
        *(["both were not measured in turn"] if verdict.one_session and verdict.method == Method.RUNS else []),
    ]


def _samples(verdict: Verdict) -> str:
    return "sessions" if verdict.method == Method.SPANS else "runs"


def _too_few(verdict: Verdict) -> str:
    if verdict.runs_deleted:
        return f"{RUNS_DELETED}, and the spread between sessions is unknown"
    return f"too few {_samples(verdict)} for a {PERCENT * (1 - verdict.difference.level):.0f} % interval"


def change_unit(unit: str, *, relative: bool) -> str:
    """Return the unit of a change: percent, points of a share, or the metric's unit."""
    return "%" if relative else "points" if unit == PERCENT_UNIT else unit


def size_text(change: float, unit: str, *, relative: bool) -> str:
    """Return the size of a change, such as `2.9 %`."""
    shown, factor = shown_unit(change, unit, relative=relative)
    return f"{_digits(abs(change) / factor, relative=relative)} {shown}".rstrip()


def signed_size(change: float, unit: str, *, relative: bool) -> str:
    """Return a change with its sign and unit, such as `−10.4 %`."""
    shown, factor = shown_unit(abs(change) if isfinite(change) else 0.0, unit, relative=relative)
    return f"{_signed(change / factor, relative=relative)} {shown}".rstrip()


def change_text(difference: Difference, unit: str) -> str:
    """Return a change with its sign, unit and interval."""
    change, interval = change_parts(difference, unit)
    return f"{change} ({interval})" if interval else change


def change_parts(difference: Difference, unit: str) -> tuple[str, str]:
    """Return a change with its sign and unit, and its interval in the same unit, empty if there is none."""
    known = [abs(value) for value in (difference.change, *(difference.interval or ())) if isfinite(value)]
    shown, factor = shown_unit(max(known, default=0.0), unit, relative=difference.relative)
    relative = difference.relative
    bounds = [_signed(bound / factor, relative=relative) for bound in difference.interval or ()]
    change = _signed(difference.change / factor, relative=relative)
    return f"{change} {shown}".rstrip(), joined(*bounds) if bounds else ""


def shown_unit(change: float, unit: str, *, relative: bool) -> tuple[str, float]:
    """Return the unit in which a change of this size is shown, and the size of that in the metric's unit."""
    if relative or unit == PERCENT_UNIT:
        return change_unit(unit, relative=relative), 1.0
    number, shown = shortened(abs(change), unit)
    return shown, abs(change) / number if number else 1.0


def _digits(size: float, *, relative: bool) -> str:
    """Return three digits, or more for a share that would be rounded to all: 99.98 % less is not 100 % less."""
    is_rounded_up = relative and ALMOST_ALL <= size < PERCENT
    return f"{min(floor(size * 100) / 100, LARGEST_SHARE):.2f}" if is_rounded_up else three_digits(size)


def _signed(value: float, *, relative: bool) -> str:
    digits = _digits(abs(value), relative=relative) if isfinite(value) else "∞"
    return digits if digits != "∞" and not float(digits) else f"{'+' if value > 0 else '−'}{digits}"
