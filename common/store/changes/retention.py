"""Deletion of the runs, readings and log lines of sessions that ended long ago. Their metrics stay.

Each step is a transaction of its own that deletes little, so that nobody waits for it. A session is marked before its
first step and keeps `has_raw_data` until after its last, so another process can finish what one has begun.
"""

from collections.abc import Generator
from datetime import datetime

from peewee import Expression, ModelSelect

from common.store.database import database
from common.store.tables import ENDED, LogLine, ReadingChunk, Run, Session, Status, Table, Test
from common.values.units import now

RUNS, LINES, CHUNKS = 25, 500, 2
"""Rows of a step: about a megabyte. With four times as many, others waited up to 190 ms for SQLite, and now 95."""


def due(before: datetime, limit: int) -> list[str]:
    """Return the ids of sessions that ended before a time and are to be pruned, or are half pruned, oldest first."""
    found = Session.select(Session.id).where(_is_due(before)).order_by(Session.finished_at).limit(limit)
    return [session.id for session in found]


def number_due(before: datetime) -> int:
    """Return how many sessions are to be pruned."""
    found: int = Session.select().where(_is_due(before)).count()
    return found


def _is_due(before: datetime) -> Expression:
    is_old = (Session.has_raw_data == True) & (Session.finished_at < before)  # noqa: E712 - an expression of SQL
    is_free = ~Session.pinned | Session.pruned_at.is_null(is_null=False)
    is_long_here = Session.imported_at.is_null() | (Session.imported_at < before)
    found: Expression = is_old & is_free & is_long_here & Session.status.in_(ENDED)
    return found


def prune(session_id: str) -> Generator[int, None, None]:
    """Delete the runs, readings and log lines of a session, and yield the number of rows after each step.

    Nothing is deleted if it was pinned, continued or deleted in the meantime.
    """
    if not _mark(session_id):
        return
    tests = Test.select(Test.id).where(Test.session == session_id)
    yield from _delete(Run, Run.test.in_(tests), RUNS)
    yield from _delete(LogLine, LogLine.test.in_(tests), LINES)
    yield from _delete(ReadingChunk, ReadingChunk.session == session_id, CHUNKS)
    Session.update(has_raw_data=False).where(Session.id == session_id).execute()


def _mark(session_id: str) -> bool:
    """Mark a session as pruned, so that no reader takes what is left for all. Return whether it is."""
    is_free = ~Session.pinned & (Session.status != Status.RUNNING) & Session.pruned_at.is_null()
    Session.update(pruned_at=now()).where((Session.id == session_id) & is_free).execute()
    return bool(Session.select().where(Session.id == session_id, Session.pruned_at.is_null(is_null=False)).exists())


def _delete(table: type[Table], wanted: Expression, at_once: int) -> Generator[int, None, None]:
    some: ModelSelect[Table] = table.select(table.id).where(wanted).limit(at_once)  # type: ignore[attr-defined] # each has one
    deleted = at_once
    while deleted == at_once:
        with database.atomic():
            deleted = table.delete().where(table.id.in_(some)).execute()  # type: ignore[attr-defined] # as above
        yield deleted
