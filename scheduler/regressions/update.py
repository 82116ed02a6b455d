"""The table of regressions and improvements, brought up to date with what a history shows.

Receivers are notified of regressions alone.
"""

from datetime import datetime

from api.conclusions.histories.history import Finding, History
from api.conclusions.histories.regressions import OPPOSITE, is_over, over_sentence, record, shown_by
from common.stats.comparing.comparison import Outcome
from common.store.alerts import regressions as stored
from common.store.alerts.regressions import MeasuredSession
from common.store.alerts.tables import EndReason, Regression
from common.values.units import now
from scheduler.notifications.events import publish_regression
from scheduler.regressions.evaluated_histories import EvaluatedHistory
from scheduler.regressions.matching import Pairs, matched

WITHDRAWN = "Sessions were deleted or imported since, and the history no longer shows it."


def update(evaluated: EvaluatedHistory) -> None:
    """Store which lasting changes are new, more precisely known, or over, in the transaction of the caller."""
    known, shown = stored.of_history(evaluated.key), list(reversed(evaluated.history.findings))
    for outcome in OPPOSITE:
        _update(evaluated, *matched(known, shown, outcome))


def _update(evaluated: EvaluatedHistory, pairs: Pairs, left: list[Regression], new: list[Finding]) -> None:
    for regression, finding in pairs:
        if regression.over_at is None:
            _follow(regression, evaluated.history, finding)
    for regression in left:
        if regression.over_at is None:
            _look_at_past(regression, evaluated)
    for finding in new:
        _open(evaluated, finding)


def _open(evaluated: EvaluatedHistory, finding: Finding) -> None:
    """Store a change, and that it is over if later sessions have shown that already."""
    history = evaluated.history
    regression = stored.add(evaluated.key, *_sessions(finding), record(history, finding), finding.outcome)
    _publish(regression, finding.seen.at)
    _end_if_over(regression, history, finding.lasting.last)


def _follow(regression: Regression, history: History, finding: Finding) -> None:
    if finding.outcome == regression.outcome:
        regression.record = record(history, finding)
        stored.renew(regression, *_sessions(finding), regression.record)
    _end_if_over(regression, history, finding.lasting.last)


def _sessions(finding: Finding) -> tuple[MeasuredSession, MeasuredSession]:
    return (finding.first.session_id, finding.first.at), (finding.seen.session_id, finding.seen.at)


def _look_at_past(regression: Regression, evaluated: EvaluatedHistory) -> None:
    """Decide on a change that the history no longer shows: it has left the window, or sessions were deleted."""
    history = evaluated.history
    if evaluated.is_whole or not stored.exist((regression.first, regression.seen)):
        _end(regression, EndReason.WITHDRAWN, None, WITHDRAWN, now())
    else:
        starts = (at for at, session in enumerate(history.sessions) if session.session_id == regression.first)
        _end_if_over(regression, history, next(starts, 0))


def _end_if_over(regression: Regression, history: History, last: int) -> None:
    outcome = Outcome(regression.outcome)
    if is_over(history, outcome, regression.record, last):
        shown = shown_by(history)
        text = over_sentence(history, outcome, regression.record, f"{regression.first_at:%Y-%m-%d}")
        _end(regression, EndReason.RECOVERED, shown.session_id, text, shown.at)


def _end(regression: Regression, reason: EndReason, session: str | None, sentence: str, at: datetime) -> None:
    if stored.end(regression, reason, session, sentence):
        _publish(Regression.get_by_id(regression.id), at)


def _publish(regression: Regression, at: datetime) -> None:
    if regression.outcome == Outcome.WORSE:
        publish_regression(regression, at)
