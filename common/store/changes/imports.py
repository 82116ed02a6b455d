"""Writes of sessions that another Gait measured: a batch at a time, and visible only when they are whole.

One transaction for all of it would hold up every other writer of SQLite. So the rows are first stored under a session
of another id, which no list shows, and then moved to their own session in one short transaction.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta

import uuid_utils
from peewee import IntegrityError

from common.errors import Conflict
from common.records.test_metrics import whole
from common.store.changes import edits, results, searchable, series
from common.store.database import database
from common.store.tables import STAGED, LogLine, ReadingChunk, Result, Run, Session, Status, Test
from common.values.free_json import Json
from common.values.units import now

ABANDONED = timedelta(days=1)
"""An import whose process ended is deleted after this time."""


def stage(columns: Json) -> str:
    """Begin an import with the columns of its session, and return the id under which its rows are kept.

    Rows of imports that were abandoned are deleted.
    """
    abandoned = Session.select(Session.id).where(Session.status == STAGED, Session.imported_at < now() - ABANDONED)
    for left in list(abandoned):
        discard(left.id)
    kept = str(uuid_utils.uuid7())
    Session.create(**{**columns, **_marks(), "id": kept, "status": STAGED, "group": None})
    return kept


def _marks() -> Json:
    """Return the columns that mark a session as imported. Its end sends no notifications."""
    return {"imported_at": now(), "unevaluated": False}


def add_test(kept: str, columns: Json, result: Json | None) -> int:
    """Store a test, with the columns of its result if it has one. Return its id."""
    with database.atomic():
        test = Test.create(**{**columns, "session": kept, "status": STAGED})
        if result is not None:
            Result.insert(test=test.id, **result).execute()
            results.store_medians(
                test, whole(*(result[name] for name in ("metrics", "software", "statistics", "details")))
            )
    found: int = test.id
    return found


def add_rows(runs: Sequence[Json], logs: Sequence[Json]) -> None:
    """Store runs and log lines of tests."""
    with database.atomic():
        for table, rows in ((Run, runs), (LogLine, logs)):
            if rows:
                table.insert_many(rows).execute()


def add_readings(kept: str, start: int, end: int, data: bytes) -> None:
    """Store a chunk of readings, which common.records.series has encoded."""
    ReadingChunk.create(session=kept, start=start, end=end, data=data)


def publish(kept: str, columns: Json, statuses: Mapping[int, str]) -> None:
    """Show an imported session. `columns` are those of its row, and `statuses` those of its tests by their ids.

    Raises:
        Conflict: if a session with its id exists.
    """
    try:
        with database.atomic():
            session = Session.create(**columns, **_marks())
            searchable.add(session)
            series.join(session)
            for status in Status:
                ids = [test for test, known in statuses.items() if known == status]
                Test.update(session=session, status=status).where(Test.id.in_(ids)).execute()
            results.store_grade(session.id)
            ReadingChunk.update(session=session).where(ReadingChunk.session == kept).execute()
            Session.delete().where(Session.id == kept).execute()
            edits.count(deletions=1)  # totals that were counted before lack a session with an older id
    except IntegrityError as error:
        raise Conflict(already_here(columns["id"])) from error


def already_here(session_id: str) -> str:
    """Return the message for a session that was imported before, or that was measured here."""
    return f"Session {session_id} is already here. Nothing was changed. Delete it first to import it again."


def discard(kept: str) -> None:
    """Delete an import that was not published."""
    with database.atomic():
        Session.delete().where(Session.id == kept, Session.status == STAGED).execute()
        edits.count(deletions=1)  # totals that were counted before lack a session with an older id
