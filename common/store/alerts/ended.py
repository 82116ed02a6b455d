"""Sessions that have ended, and what has not been done about it yet."""

from collections.abc import Iterable

from common.store.search_tables import Deletions
from common.store.tables import ENDED, Session

UNEVALUATED = (Session.unevaluated == True) & Session.status.in_(ENDED)  # noqa: E712 - an expression of SQL
"""For a flag alone, SQLite would use no index, and read all sessions that have ended."""


def unevaluated(limit: int) -> list[Session]:
    """Return the sessions that have ended and have not been evaluated, those that ended first first."""
    waiting = Session.select().where(UNEVALUATED)
    return list(waiting.order_by(Session.finished_at, Session.id).limit(limit))


def count_unevaluated(session_id: str | None = None) -> int:
    """Return how many sessions have ended and have not been evaluated: of all, or 1 or 0 for this one."""
    this = Session.id == session_id if session_id else True
    return int(Session.select().where(UNEVALUATED, this).count())


def mark_evaluated(sessions: Iterable[str]) -> bool:
    """Store that sessions are evaluated, in the transaction of what follows from it.

    Return False if another process has done so with one of them, or if one was deleted or goes on.
    """
    ids = list(sessions)
    marked = Session.update(unevaluated=False).where(Session.id.in_(ids), UNEVALUATED)
    return bool(marked.execute() == len(ids))


def deletions() -> int:
    """Return how many times sessions were deleted."""
    found: int | None = Deletions.select(Deletions.count).scalar()
    return found or 0
