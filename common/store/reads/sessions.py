"""Reads of sessions, their tests and their stored readings."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from peewee import Expression, fn

from common.records.machine import BaselineRecord
from common.records.series import Series, decode
from common.records.test_metrics import TestMetrics
from common.records.verdicts import VerdictRecord
from common.stats.distribution import Distribution
from common.store.connections.snapshot import prefetch
from common.store.fields import known, part
from common.store.reads.foreign_sessions import is_own
from common.store.reads.lists.pages import unindexed
from common.store.reads.lists.sessions import outlines
from common.store.tables import Hardware, LogLine, Phase, ReadingChunk, Result, Run, Session, Status, Test
from common.values.free_json import Json


@dataclass(frozen=True)
class SessionState:
    """The state of a whole session. `progress` is in percent. Of the completed tests, some have failed."""

    status: str
    progress: float
    completed_tests: int
    total_tests: int
    failed_tests: int = 0


def session(session_id: str) -> Session | None:
    """Return a session with its hardware, its tests and their log lines in order."""
    found: list[Session] = prefetch(
        Session.select().where(Session.id == session_id),
        Hardware.select(),
        Test.select().order_by(Test.position),
        LogLine.select().order_by(LogLine.id),
        Result.select(),
    )
    return found[0] if found else None


def session_alone(session_id: str) -> Session | None:
    """Return a session without its hardware and tests."""
    found: Session | None = Session.get_or_none(Session.id == session_id)
    return found


def idempotency(owner: str | None, key: str) -> str:
    """Return an idempotency key as it is stored: as a digest with its owner, so that clients do not share keys."""
    return hashlib.sha256(f"{owner or ''} {key}".encode()).hexdigest()


def sessions_by_idempotency_key(owner: str | None, key: str) -> list[Session]:
    """Return the session of an owner's key, and after it the others of its group. Empty for an unknown key."""
    first = Session.get_or_none(Session.idempotency_key == idempotency(owner, key))
    if first is None or first.group is None:
        return [first] if first else []
    others = Session.select().where(Session.group == first.group, Session.id != first.id)
    return [first, *others.order_by(Session.id)]


def repeats(session: Session) -> list[Session]:
    """Return the sessions on the same host that were submitted together with this one, itself among them."""
    if session.group is None:
        return [session]
    return list(
        Session.select()
        .where(Session.group == session.group, Session.host == session.host, _measured_here(session))
        .order_by(Session.id)
    )


def _measured_here(session: Session) -> Expression:
    """Return the condition that a session was measured here, or was imported, as this one. Repeats are all alike."""
    return Session.imported_at.is_null(is_null=session.imported_at is None)


def completed(ids: Sequence[str]) -> list[Test]:
    """Return the completed tests of these sessions in the order of the sessions, without their metrics."""
    return list(
        outlines().where(Test.session.in_(ids), Test.status == Status.COMPLETED).order_by(Test.session, Test.id)
    )


def headlines(tests: Iterable[int]) -> dict[int, Distribution]:
    """Return the distribution of each test's headline metric, by the ids of tests that have one."""
    query = Result.select(Result.test, part(Result.metrics, "headline"), Result.statistics)
    rows = cast("Iterable[tuple[int, object, object]]", query.where(Result.test.in_(list(tests))).tuples())
    found = {
        test: known(known(statistics).get(str(known(headline).get("name")))) for test, headline, statistics in rows
    }
    return {test: cast("Distribution", statistic) for test, statistic in found.items() if statistic}


def grades(session_id: str) -> list[str | None]:
    """Return the grades of a session's results."""
    found = Result.select(Result.grade).join(Test).where(Test.session == session_id)
    return [grade for (grade,) in cast("Iterable[tuple[str | None]]", found.tuples())]


def tests(session_id: str) -> list[Test]:
    return list(Test.select().where(Test.session == session_id).order_by(Test.position))


def test(test_id: int) -> Test:
    return Test.get_by_id(test_id)


def runs(test: Test) -> list[Run]:
    """Return the stored runs of a test in the order in which they were measured."""
    return list(Run.select().where(Run.test == test).order_by(Run.id))


def session_with_baselines(session_id: str) -> Session | None:
    """Return a session with its tests, which have their baselines but not their metrics."""
    tests = outlines().select_extend(Test.baseline)
    found: list[Session] = prefetch(Session.select().where(Session.id == session_id), tests)
    return found[0] if found else None


def session_outline(session_id: str) -> Session | None:
    """Return a session with its hardware and tests, without the metrics, which take most of the space."""
    found: list[Session] = prefetch(Session.select().where(Session.id == session_id), Hardware.select(), outlines())
    return found[0] if found else None


def metrics(tests: Iterable[int], *, details: bool = True) -> dict[int, TestMetrics]:
    """Return the metrics of the completed tests among these, by their ids; without `DETAILS` in half of the time."""
    columns = () if details else (Result.test, Result.metrics, Result.software, Result.statistics)
    found = Result.select(*columns).where(Result.test.in_(list(tests)))
    return {result.test_id: TestMetrics.parse(result.whole) for result in found}


def verdicts(tests: Iterable[int]) -> dict[int, list[VerdictRecord]]:
    """Return the verdicts that were found while these tests were measured, by the ids of those that have any."""
    found = Test.select(Test.id, Test.verdicts).where(Test.id.in_(list(tests)), Test.verdicts.is_null(is_null=False))
    return dict(cast("Iterable[tuple[int, list[VerdictRecord]]]", found.tuples()))


def inventory(session_id: str) -> Json | None:
    """Return the inventory that the session is measured with, None if it is unknown."""
    found: Hardware | None = Hardware.select().join(Session).where(Session.id == session_id).first()
    return found.inventory if found else None


def started_at(session_id: str) -> datetime | None:
    """Return when a worker first claimed the session, by the worker's clock. None if it is waiting or was deleted."""
    found: datetime | None = Session.select(Session.started_at).where(Session.id == session_id).scalar()
    return found


def series_span(session_id: str) -> tuple[int, int] | None:
    """Return when a session's stored readings begin and end, in ms of Redis's clock. None if there are none."""
    span = ReadingChunk.select(fn.MIN(ReadingChunk.start), fn.MAX(ReadingChunk.end)).where(
        ReadingChunk.session == session_id
    )
    found: tuple[int | None, int | None] = span.scalar(as_tuple=True)
    first, last = found
    return None if first is None or last is None else (first, last)


def series(session_id: str, start: int, end: int) -> Iterator[Series]:
    """Yield the stored readings of a session from `start` to `end`, in order, chunk by chunk."""
    overlapping = (ReadingChunk.session == session_id) & (ReadingChunk.end >= start) & (ReadingChunk.start <= end)
    for chunk in ReadingChunk.select(ReadingChunk.data).where(overlapping).order_by(ReadingChunk.start).iterator():
        yield decode(bytes(chunk.data)).cut(start, end)


def state(session_id: str, current_progress: float = 0.0) -> SessionState:
    """Return the state of a session. `current_progress` is the sum over its running tests, in percent.

    Each message has it, so only what it needs is read.
    """
    found = Session.select(Session.status).where(Session.id == session_id).get()
    tests = list(Test.select(Test.status, Test.phase).where(Test.session == session_id))
    ended = sum(test.status != Status.RUNNING for test in tests)
    failed = sum(test.status == Status.ERROR and test.phase != Phase.CANCELLED for test in tests)
    running = current_progress if ended < len(tests) else 0.0
    return SessionState(found.status, (100.0 * ended + running) / len(tests), ended, len(tests), failed)


def unfinished(host: str | None = None) -> list[Session]:
    """Return the unfinished sessions of one host, or of all, oldest first."""
    query = Session.select().where(Session.status == Status.RUNNING)
    query = query.where(Session.host == host) if host else query
    return list(query.order_by(Session.created_at, Session.id))


def has_begun(session_id: str) -> bool:
    """Return whether a worker has begun one of the session's tests."""
    return bool(Test.select().where(Test.session == session_id, Test.started_at.is_null(is_null=False)).exists())


def unfinished_ids() -> list[str]:
    """Return the ids of all unfinished sessions, oldest first."""
    query = Session.select(Session.id).where(Session.status == Status.RUNNING)
    return [found.id for found in query.order_by(Session.id)]


def waiting(host: str, machine: str) -> list[str]:
    """Return the ids of the host's sessions that wait for the machine, oldest first."""
    query = Session.select(Session.id).where(Session.status == Status.RUNNING, Session.phase == Phase.QUEUED)
    return [found.id for found in query.where(Session.host == host, Session.machine == machine).order_by(Session.id)]


def open_sessions(owner: str | None) -> int:
    """Return the number of an owner's unfinished sessions."""
    count: int = Session.select().where(Session.status == Status.RUNNING, Session.owner == owner).count()
    return count


def empty_baseline(session_id: str) -> BaselineRecord | None:
    """Return the session's first idle baseline without a model in memory."""
    stored = Test.select(Test.baseline).where(Test.session == session_id).order_by(Test.started_at, Test.id)
    found = (test.baseline for test in stored if test.baseline)
    return next((baseline for baseline in found if baseline.get("models") == []), None)


def completed_before(model: str, test_type: str, host: str | None, limit: int) -> list[Test]:
    """Return the newest completed tests of a model and type, on one host, or on any if it is None.

    Each has its metrics, and of its session the order and the models.
    """
    completed = (Test.status == Status.COMPLETED) & (Test.model == model) & (Test.test_type == test_type)
    of_session = (Session.id, Session.order, Session.models)
    query = Test.select(Test, *of_session).join(Session).where(completed, Test.started_at.is_null(is_null=False))
    query = query.where(is_own(Test.session), *([unindexed(Test.host) == host] if host else []))
    found: list[Test] = prefetch(query.order_by(Test.finished_at.desc()).limit(limit), Result.select())
    return found
