"""What lasts in a history, as sentences."""

from api.conclusions.comparisons.words.sentences import shown_unit, size_text
from api.conclusions.histories.history import Finding, History
from common.stats.comparing.comparison import Difference
from common.stats.history.evaluation import MIN_SESSIONS
from common.store.earlier.history import HistoryEntry
from common.values.units import joined, three_digits


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
    """Return what the sessions so far show, and what further ones would show."""
    number = len(history.sessions)
    if history.missing:
        return f"Too few sessions: a lasting change needs at least {MIN_SESSIONS}, and there are {number}."
    found = "" if history.findings else f"No lasting change was found in {number} sessions. "
    detectable = history.evaluation.detectable
    if detectable is None:
        return found.rstrip()
    visible = size_text(detectable, history.metric.unit, relative=history.evaluation.relative)
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
    _, factor = shown_unit(difference.change, unit, relative=difference.relative)
    interval = joined(*(_signed(bound / factor) for bound in bounds)) if bounds else ""
    return size_text(difference.change, unit, relative=difference.relative) + (f" ({interval})" if bounds else "")


def _signed(value: float) -> str:
    return three_digits(value).replace("-", "−")
