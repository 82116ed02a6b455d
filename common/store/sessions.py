"""All reads of the database."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from peewee import JOIN, Expression, ModelSelect, fn, prefetch

from common.free_json import Json
from common.records.test_metrics import TestMetrics
from common.stats.distribution import Distribution
from common.store.tables import Hardware, LogLine, ReadingChunk, Run, Session, SessionTag, Status, Test
from common.telemetry.series import Series, decode


@dataclass(frozen=True)
class SessionState:
    """Where the whole session stands when a message is sent; `progress` in percent."""

    status: str
    progress: float
    completed_tests: int
    total_tests: int


@dataclass(frozen=True)
class SessionFilter:
    """Which sessions are wanted; None or empty means all. `search` is text, of `tags` all must match."""

    search: str | None = None
    tags: Iterable[str] = ()
    host: str | None = None
    group: str | None = None


@dataclass(frozen=True)
class ResultFilter:
    """Which results are wanted; None or empty means all."""

    model: str | None = None
    test_type: str | None = None
    hardware: str | None = None
    start: datetime | None = None
    end: datetime | None = None


def session(session_id: str) -> Session | None:
    """A session with its hardware, tests and their log lines, each in order, in three queries."""
    found: list[Session] = prefetch(
        Session.select().where(Session.id == session_id),
        Hardware.select(),
        Test.select().order_by(Test.position),
        LogLine.select().order_by(LogLine.id),
    )
    return found[0] if found else None


def session_alone(session_id: str) -> Session | None:
    """A session without anything that belongs to it."""
    found: Session | None = Session.get_or_none(Session.id == session_id)
    return found


def sessions_by_idempotency_key(key: str) -> list[Session]:
    """The session of that key, and after it the others of its group that are still there; none for an unknown key."""
    first = Session.get_or_none(Session.idempotency_key == key)
    if first is None or first.group is None:
        return [first] if first else []
    others = Session.select().where(Session.group == first.group, Session.id != first.id)
    return [first, *others.order_by(Session.id)]


def sessions(wanted: SessionFilter, page: int, limit: int) -> tuple[list[Session], int]:
    """A page of sessions with their hardware and tests, newest first, and how many there are in all."""
    query = matching(wanted)
    return prefetch(_page(query, page, limit), Hardware.select(), Test.select().order_by(Test.position)), query.count()


def session_outlines(wanted: SessionFilter, page: int, limit: int) -> tuple[list[Session], int]:
    """As `sessions`, without the hardware and the tests' metrics."""
    query = matching(wanted)
    return prefetch(_page(query, page, limit), _outlines()), query.count()


def _page(query: "ModelSelect[Session]", page: int, limit: int) -> "ModelSelect[Session]":
    return query.order_by(Session.created_at.desc(), Session.id.desc()).paginate(page, limit)


def headlines(tests: Iterable[int]) -> dict[int, Distribution]:
    """The distribution by which each of the tests is read first, of those that have one, by their ids. Little else of
    their metrics leaves the database.
    """
    columns = (Test.id, Test.metrics["headline"].alias("headline"), Test.metrics["statistics"].alias("statistics"))
    rows = cast("Iterable[dict[str, Any]]", Test.select(*columns).where(Test.id.in_(list(tests))).dicts())
    found = {row["id"]: (row["statistics"] or {}).get((row["headline"] or {}).get("name")) for row in rows}
    return {test: statistic for test, statistic in found.items() if statistic}


def matching(wanted: SessionFilter) -> "ModelSelect[Session]":
    """The sessions that are wanted, in no order."""
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
    """A page of completed tests with their session and hardware, newest first, and how many there are in all.

    The page is found, and all are counted, by the tests' indexes alone; only the page is then joined.
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
    machines = Hardware.select(Hardware.fingerprint).where(
        (Hardware.fingerprint == text) | Hardware.text.contains(text)
    )
    return Session.select(Session.id).where(Session.host.contains(text) | Session.hardware.in_(machines))


def tests(session_id: str) -> list[Test]:
    return list(Test.select().where(Test.session == session_id).order_by(Test.position))


def test(test_id: int) -> Test:
    return Test.get_by_id(test_id)


def runs(test: Test) -> list[Run]:
    """Return the stored runs of a test in the order in which they were measured."""
    return list(Run.select().where(Run.test == test).order_by(Run.id))


def session_with_baselines(session_id: str) -> Session | None:
    """A session with its tests, these with their baselines and without their metrics."""
    tests = _outlines().select_extend(Test.baseline)
    found: list[Session] = prefetch(Session.select().where(Session.id == session_id), tests)
    return found[0] if found else None


def session_outline(session_id: str) -> Session | None:
    """A session with its hardware and tests, these without their metrics, which are nearly all of what is stored."""
    found: list[Session] = prefetch(Session.select().where(Session.id == session_id), Hardware.select(), _outlines())
    return found[0] if found else None


def _outlines() -> "ModelSelect[Test]":
    asked = (Test.id, Test.session, Test.position, Test.model, Test.test_type, Test.options)
    stands = (Test.status, Test.phase, Test.message, Test.started_at, Test.finished_at)
    return Test.select(*asked, *stands).order_by(Test.position)


def metrics(tests: Iterable[int]) -> dict[int, TestMetrics]:
    """Return the metrics of the completed tests among these, by their ids."""
    found = Test.select(Test.id, Test.metrics).where(Test.id.in_(list(tests)), Test.metrics.is_null(is_null=False))
    rows = cast("Iterable[tuple[int, Json]]", found.tuples())
    return {test: TestMetrics.parse(stored) for test, stored in rows}


def started_at(session_id: str) -> datetime | None:
    """When a worker first took the session up, by its own clock; None while it waits, or if it is gone."""
    found: datetime | None = Session.select(Session.started_at).where(Session.id == session_id).scalar()
    return found


def series_span(session_id: str) -> tuple[int, int] | None:
    """When the stored readings of a session begin and end, in ms of Redis's clock; None if there are none."""
    span = ReadingChunk.select(fn.MIN(ReadingChunk.start), fn.MAX(ReadingChunk.end)).where(
        ReadingChunk.session == session_id
    )
    found: tuple[int | None, int | None] = span.scalar(as_tuple=True)
    first, last = found
    return None if first is None or last is None else (first, last)


def series(session_id: str, start: int, end: int) -> Iterator[Series]:
    """The stored readings of a session from `start` to `end`, in order, chunk by chunk."""
    overlapping = (ReadingChunk.session == session_id) & (ReadingChunk.end >= start) & (ReadingChunk.start <= end)
    for chunk in ReadingChunk.select(ReadingChunk.data).where(overlapping).order_by(ReadingChunk.start).iterator():
        yield decode(bytes(chunk.data)).cut(start, end)


def state(session_id: str, current_progress: float = 0.0) -> SessionState:
    """Where a session stands, when the tests that are under way are at `current_progress` percent together."""
    found = Session.get_by_id(session_id)
    statuses = [test.status for test in Test.select(Test.status).where(Test.session == session_id)]
    ended = sum(status != Status.RUNNING for status in statuses)
    running = current_progress if ended < len(statuses) else 0.0
    return SessionState(found.status, (100.0 * ended + running) / len(statuses), ended, len(statuses))


def unfinished(host: str | None = None) -> list[Session]:
    """The sessions, of one host or of all, that should be on the queue, oldest first."""
    query = Session.select().where(Session.status == Status.RUNNING)
    query = query.where(Session.host == host) if host else query
    return list(query.order_by(Session.created_at, Session.id))


def open_sessions(owner: str | None) -> int:
    """How many sessions of that owner wait or run."""
    count: int = Session.select().where(Session.status == Status.RUNNING, Session.owner == owner).count()
    return count


def completed_before(model: str, test_type: str, host: str | None, most: int) -> list[Test]:
    """The newest completed tests of a model and type, of one host or of all."""
    completed = (Test.status == Status.COMPLETED) & (Test.model == model) & (Test.test_type == test_type)
    query = Test.select().where(completed, Test.started_at.is_null(is_null=False))
    query = query.join(Session).where(Session.host == host) if host else query
    return list(query.order_by(Test.finished_at.desc()).limit(most))
