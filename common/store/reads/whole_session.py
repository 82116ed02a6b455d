"""Reads of all parts of a session in the order in which they were stored, few at once."""

from collections.abc import Iterator
from typing import Any, TypeVar

from peewee import Model, ModelSelect, chunked

from common.errors import Conflict
from common.store.connections.snapshot import prefetch
from common.store.reads.runs import RUNS_AT_ONCE
from common.store.tables import Hardware, LogLine, ReadingChunk, Result, Run, Session, Test

LINES_AT_ONCE = 500

Row = TypeVar("Row", bound=Model)


def session(session_id: str) -> Session | None:
    """Return a session with its hardware."""
    found: list[Session] = prefetch(Session.select().where(Session.id == session_id), Hardware.select())
    return found[0] if found else None


def tests(session_id: str) -> Iterator[Test]:
    """Yield the tests of a session with their results, in their order."""
    ids = [test.id for test in Test.select(Test.id).where(Test.session == session_id).order_by(Test.position)]
    for test in ids:
        yield from _whole(prefetch(Test.select().where(Test.id == test), Result.select()), 1)


def runs(tests: list[int]) -> Iterator[Run]:
    """Yield the runs of tests in the order in which they were measured."""
    ids = sorted(run.id for run in Run.select(Run.id).where(Run.test.in_(tests)))
    for some in chunked(ids, RUNS_AT_ONCE):
        yield from _whole(list(Run.select().where(Run.id.in_(some)).order_by(Run.id)), len(some))


def log_lines(tests: list[int]) -> Iterator[LogLine]:
    """Yield the log lines of tests in their order."""
    ids = sorted(line.id for line in LogLine.select(LogLine.id).where(LogLine.test.in_(tests)))
    for some in chunked(ids, LINES_AT_ONCE):
        yield from _whole(list(LogLine.select().where(LogLine.id.in_(some)).order_by(LogLine.id)), len(some))


def readings(session_id: str) -> Iterator[ReadingChunk]:
    """Yield the stored readings of a session in their order."""
    of_session: ModelSelect[Any] = ReadingChunk.select(ReadingChunk.id).where(ReadingChunk.session == session_id)
    for chunk in [row.id for row in of_session.order_by(ReadingChunk.start)]:
        yield from _whole(list(ReadingChunk.select().where(ReadingChunk.id == chunk)), 1)


def _whole(rows: list[Row], wanted: int) -> list[Row]:
    if len(rows) < wanted:
        raise Conflict("The session was deleted while it was exported.")
    return rows
