"""The duty that looks at sessions that have ended: it publishes the event of each, and evaluates its histories.

The database says which sessions are left, and one transaction stores all that follows from some of them and that they
are done. So nothing is lost or done twice when a process is killed, when Redis is emptied, or after a week without a
scheduler.
"""

from collections.abc import Iterable, Iterator

from common.store.alerts import ended
from common.store.alerts.outbox import publish
from common.store.alerts.regressions import HistoryKey, histories_with_open, lock
from common.store.changes import series
from common.store.database import database
from common.store.tables import Session
from scheduler.duty import Duty
from scheduler.notifications.session_events import session_event
from scheduler.regressions.evaluated_histories import EvaluatedHistory, evaluated, keys
from scheduler.regressions.update import update

EVERY_S = 2.0
AT_ONCE = 20
"""Sessions in one transaction."""


class Evaluation:
    """The duty. `_deletions` is how many deletions there were when the open regressions were last looked at."""

    def __init__(self) -> None:
        self._deletions: int | None = None

    def run(self) -> None:
        """Evaluate the sessions that have ended, and after deletions the histories with an open regression."""
        while sessions := ended.unevaluated(AT_ONCE):
            evaluate(sessions)
        deletions = ended.deletions()
        if deletions != self._deletions:
            reconsider()
            self._deletions = deletions


def evaluate(sessions: list[Session]) -> None:
    """Store what follows from sessions that have ended. No-op if another process has done so with one of them.

    Imported sessions ended long ago and elsewhere, so they have no event, but they may change a history.
    """
    last = _last_sessions(sessions)
    found = list(_evaluated(last))
    events = {session.id: session_event(session) for session in sessions if session.imported_at is None}
    with database.atomic():
        if not ended.mark_evaluated(session.id for session in sessions):
            return
        lock()
        for session in sessions:
            if session.series is None:  # a process of an earlier release stored it
                series.join(session)
            if session.id in events:
                publish(events[session.id])
            for each in found:
                if last[each.key] == session.id:
                    update(each)


def reconsider() -> None:
    """Look again at all histories with an open regression, because sessions were deleted."""
    for each in _evaluated(histories_with_open()):
        with database.atomic():
            lock()
            update(each)


def _last_sessions(sessions: Iterable[Session]) -> dict[HistoryKey, str]:
    """Return each of the sessions' histories with the last session in it."""
    return {key: session.id for session in sessions for key in keys(session)}


def _evaluated(wanted: Iterable[HistoryKey]) -> Iterator[EvaluatedHistory]:
    return (found for key in wanted if (found := evaluated(key)))


DUTY = Duty("regressions", EVERY_S, Evaluation().run)
