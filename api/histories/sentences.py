"""What lasts in a history, as sentences."""

from api.histories.history import Finding, History
from common.stats.comparing.comparison import PERCENT_UNIT, Difference
from common.stats.history.judgement import MIN_SESSIONS
from common.store.earlier.history import HistoryEntry
from common.units import shortened, three_digits


def sentence(history: History, finding: Finding) -> str:
    """Return a finding, such as `TTFT of tiny:latest rose by 12 % (10 to 14) on 2026-03-09`, and what coincides."""
    difference = finding.lasting.difference
    moved = f"{'fell' if difference.change < 0 else 'rose'} by {_size(difference, history.metric.unit)}"
    if finding.lasting.drifts:
        moved = f"slowly {moved} from {_day(finding.first)} to {_day(finding.last)}"
    else:
        moved = f"{moved} on {_day(finding.first)}"
    return f"{history.metric.label} of {history.model} {moved}. {_coinciding(finding)}."


def outlook(history: History) -> str:
    """Return what the sessions so far can tell, and what further ones would show."""
    number = len(history.sessions)
    if history.missing:
        return f"Too few sessions to tell: a lasting change needs at least {MIN_SESSIONS}, and there are {number}."
    found = "" if history.findings else f"No lasting change was found in {number} sessions. "
    detectable = history.judgement.detectable
    if detectable is None:
        return found.rstrip()
    visible = _amount(Difference(detectable, None, history.judgement.relative), history.metric.unit)
    return f"{found}From now on, a step of {visible} would probably show after three sessions, a smaller one later."


def _coinciding(finding: Finding) -> str:
    if not finding.changes:
        return "Gait knows of no change then"
    during = "In that time" if finding.lasting.drifts else "At the same time"
    return f"{during}, {', and '.join(map(str, finding.changes))}"


def _day(session: HistoryEntry) -> str:
    return f"{session.at:%Y-%m-%d}"


def _size(difference: Difference, unit: str) -> str:
    """Return a size without its sign, such as `12.1 % (10.0 to 14.2)`. The verb gives the direction."""
    sign = -1 if difference.change < 0 else 1
    bounds = sorted(sign * bound for bound in difference.interval or ())
    _, factor = _scale(difference, unit)
    interval = " to ".join(_signed(bound / factor) for bound in bounds)
    return _amount(difference, unit) + (f" ({interval})" if bounds else "")


def _amount(difference: Difference, unit: str) -> str:
    shown, factor = _scale(difference, unit)
    return f"{three_digits(abs(difference.change) / factor)} {shown}".rstrip()


def _scale(difference: Difference, unit: str) -> tuple[str, float]:
    """Return the unit in which a difference is shown, and its size in the metric's unit."""
    if difference.relative:
        return "%", 1.0
    if unit == PERCENT_UNIT:
        return "points", 1.0
    number, shown = shortened(abs(difference.change), unit)
    return shown, abs(difference.change) / number if number else 1.0


def _signed(value: float) -> str:
    return three_digits(value).replace("-", "−")
