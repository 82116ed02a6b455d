"""Reads of sessions, their tests and their stored readings."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from peewee import JOIN, Expression, ModelSelect, fn, prefetch

from common.free_json import Json
from common.records.series import Series, decode
from common.records.test_metrics import TestMetrics
from common.stats.distribution import Distribution
from common.store.tables import Hardware, LogLine, Phase, ReadingChunk, Run, Session, SessionTag, Status, Test


@dataclass(frozen=True)
class SessionState:
    """The state of a whole session. `progress` is in percent."""

    status: str
    progress: float
    completed_tests: int
    total_tests: int


@dataclass(frozen=True)
class SessionFilter:
    """A filter for sessions. None or empty matches all. A session must have all of the `tags`."""

    search: str | None = None
    tags: Iterable[str] = ()
    host: str | None = None
    group: str | None = None


@dataclass(frozen=True)
class ResultFilter:
    """A filter for results. None or empty matches all."""

    model: str | None = None
    test_type: str | None = None
    hardware: str | None = None
    start: datetime | None = None
    end: datetime | None = None


def session(session_id: str) -> Session | None:
    """Return a session with its hardware, its tests and their log lines in order."""
    found: list[Session] = prefetch(
        Session.select().where(Session.id == session_id),
        Hardware.select(),
        Test.select().order_by(Test.position),
        LogLine.select().order_by(LogLine.id),
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


def sessions(wanted: SessionFilter, page: int, limit: int) -> tuple[list[Session], int]:
    """Return a page of sessions with their hardware and tests, newest first, and the number of all that match."""
    query = matching(wanted)
    return prefetch(_page(query, page, limit), Hardware.select(), Test.select().order_by(Test.position)), query.count()


def session_outlines(wanted: SessionFilter, page: int, limit: int) -> tuple[list[Session], int]:
    """Return what `sessions` returns, without the hardware and the tests' metrics."""
    query = matching(wanted)
    return prefetch(_page(query, page, limit), _outlines()), query.count()


def _page(query: "ModelSelect[Session]", page: int, limit: int) -> "ModelSelect[Session]":
    return query.order_by(Session.created_at.desc(), Session.id.desc()).paginate(page, limit)


def headlines(tests: Iterable[int]) -> dict[int, Distribution]:
    """Return the distribution of each test's headline metric, by the ids of tests that have one."""
    columns = (Test.id, Test.metrics["headline"].alias("headline"), Test.metrics["statistics"].alias("statistics"))
    rows = cast("Iterable[dict[str, Any]]", Test.select(*columns).where(Test.id.in_(list(tests))).dicts())
    found = {row["id"]: (row["statistics"] or {}).get((row["headline"] or {}).get("name")) for row in rows}
    return {test: statistic for test, statistic in found.items() if statistic}


def matching(wanted: SessionFilter) -> "ModelSelect[Session]":
    """Return a query for the sessions that match, in no order."""
    query = Session.select()
    if wanted.search:
        query = query.where(Session.search.contains(wanted.search.lower()))
    tags = {tag.lower() for tag in wanted.tags}
    if tags:
        query = query.where(Session.id.in_(_tagged(tags)))
    if wanted.host:
        query = query.where(Session.host == wanted.host)
    if wanted.group:
        query = query.where(Session.group == wanted.group)
    return query


def _tagged(wanted: set[str]) -> "ModelSelect[SessionTag]":
    return (
        SessionTag.select(SessionTag.session)
        .where(SessionTag.tag.in_(wanted))
        .group_by(SessionTag.session)
        .having(fn.COUNT(SessionTag.tag) == len(wanted))
    )


def results(wanted: ResultFilter, page: int, limit: int) -> tuple[list[Test], int]:
    """Return a page of completed tests with session and hardware, newest first, and the number of all that match.

    Finding the page and counting need only the tests' indexes. Only the tests of the page are joined.
    """
    completed = Test.select(Test.id).where(Test.status == Status.COMPLETED, *_conditions(wanted))
    newest = (Test.finished_at.desc(), Test.id.desc())
    found = completed.order_by(*newest).paginate(page, limit)
    whole = Test.select(Test, Session, Hardware).join(Session).join(Hardware, JOIN.LEFT_OUTER)
    return list(whole.where(Test.id.in_([test.id for test in found])).order_by(*newest)), completed.count()


def _conditions(wanted: ResultFilter) -> list[Expression]:
    conditions = []
    if wanted.model:
        conditions.append(Test.model == wanted.model)
    if wanted.test_type:
        conditions.append(Test.test_type == wanted.test_type)
    if wanted.start:
        conditions.append(Test.finished_at >= wanted.start)
    if wanted.end:
        conditions.append(Test.finished_at <= wanted.end)
    if wanted.hardware:
        conditions.append(Test.session.in_(_on_hardware(wanted.hardware.lower())))
    return conditions


def _on_hardware(text: str) -> "ModelSelect[Session]":
    machines = Hardware.select(Hardware.digest).where((Hardware.fingerprint == text) | Hardware.text.contains(text))
    return Session.select(Session.id).where(Session.host.contains(text) | Session.hardware.in_(machines))


def tests(session_id: str) -> list[Test]:
    return list(Test.select().where(Test.session == session_id).order_by(Test.position))


def test(test_id: int) -> Test:
    return Test.get_by_id(test_id)


def runs(test: Test) -> list[Run]:
    """Return the stored runs of a test in the order in which they were measured."""
    return list(Run.select().where(Run.test == test).order_by(Run.id))


def session_with_baselines(session_id: str) -> Session | None:
    """Return a session with its tests, which have their baselines but not their metrics."""
    tests = _outlines().select_extend(Test.baseline)
    found: list[Session] = prefetch(Session.select().where(Session.id == session_id), tests)
    return found[0] if found else None


def session_outline(session_id: str) -> Session | None:
    """Return a session with its hardware and tests, without the metrics, which take most of the space."""
    found: list[Session] = prefetch(Session.select().where(Session.id == session_id), Hardware.select(), _outlines())
    return found[0] if found else None


def _outlines() -> "ModelSelect[Test]":
    given = (Test.id, Test.session, Test.position, Test.model, Test.test_type, Test.options)
    state = (Test.status, Test.phase, Test.message, Test.started_at, Test.finished_at)
    return Test.select(*given, *state).order_by(Test.position)


def metrics(tests: Iterable[int]) -> dict[int, TestMetrics]:
    """Return the metrics of the completed tests among these, by their ids."""
    found = Test.select(Test.id, Test.metrics).where(Test.id.in_(list(tests)), Test.metrics.is_null(is_null=False))
    rows = cast("Iterable[tuple[int, Json]]", found.tuples())
    return {test: TestMetrics.parse(stored) for test, stored in rows}


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
    """Return the state of a session. `current_progress` is the sum over its running tests, in percent."""
    found = Session.get_by_id(session_id)
    statuses = [test.status for test in Test.select(Test.status).where(Test.session == session_id)]
    ended = sum(status != Status.RUNNING for status in statuses)
    running = current_progress if ended < len(statuses) else 0.0
    return SessionState(found.status, (100.0 * ended + running) / len(statuses), ended, len(statuses))


def unfinished(host: str | None = None) -> list[Session]:
    """Return the unfinished sessions of one host, or of all, oldest first."""
    query = Session.select().where(Session.status == Status.RUNNING)
    query = query.where(Session.host == host) if host else query
    return list(query.order_by(Session.created_at, Session.id))


def unfinished_ids() -> list[str]:
    """Return the ids of all unfinished sessions, oldest first."""
    query = Session.select(Session.id).where(Session.status == Status.RUNNING)
    return [found.id for found in query.order_by(Session.id)]


def waiting(host: str, machine: str) -> list[str]:
    """Return the ids of the host's sessions that wait for the turn of the machine, oldest first."""
    query = Session.select(Session.id).where(Session.status == Status.RUNNING, Session.phase == Phase.QUEUED)
    return [found.id for found in query.where(Session.host == host, Session.machine == machine).order_by(Session.id)]


def open_sessions(owner: str | None) -> int:
    """Return the number of an owner's unfinished sessions."""
    count: int = Session.select().where(Session.status == Status.RUNNING, Session.owner == owner).count()
    return count


def completed_before(model: str, test_type: str, host: str | None, limit: int) -> list[Test]:
    """Return the newest completed tests of a model and type, on one host, or on any if `host` is None."""
    completed = (Test.status == Status.COMPLETED) & (Test.model == model) & (Test.test_type == test_type)
    query = Test.select().where(completed, Test.started_at.is_null(is_null=False))
    query = query.join(Session).where(Session.host == host) if host else query
    return list(query.order_by(Test.finished_at.desc()).limit(limit))
