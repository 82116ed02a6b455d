"""The newest result of each model on each host, found by one step in an index for each."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, TypeVar, cast

from peewee import JOIN, chunked

from common.machines.gpu_memory import own_gpu_memory
from common.records.runs import SoftwareRecord
from common.stats.distribution import Distribution
from common.store.database import database
from common.store.earlier.kept_values import Kept
from common.store.fields import known, part
from common.store.reads.foreign_sessions import foreign_sql, is_own
from common.store.reads.lists.pages import unindexed
from common.store.search_tables import SessionTag
from common.store.tables import Hardware, Result, Session, Status, Test
from common.values.free_json import Json

MAX_TAGGED = 2000
"""Newest sessions of a tag that are looked at."""
MAX_EARLIER = 20
"""Earlier results of a model on a host that are looked at to find one with other options."""
AT_ONCE = 100
"""Results in one query."""
SESSIONS_AT_ONCE = 500
MAX_KEPT = 5000
"""Results, and tests and sessions, that are kept in memory at about a kilobyte each. They do not change any more."""

Value = TypeVar("Value")


class Key(NamedTuple):
    """A completed test, which does not change any more. A test's id may be that of one that was deleted."""

    id: int
    session: str


class MetricKey(NamedTuple):
    """One metric of a completed test."""

    id: int
    session: str
    metric: str


@dataclass(frozen=True)
class NewestTest:
    """A completed test, the newest of its model on its host."""

    id: int
    session_id: str
    model: str
    host: str
    at: datetime
    options: Json


@dataclass(frozen=True)
class StoredResult:
    """One metric of a completed test at the point that represents it, None if the test does not have it."""

    test: NewestTest
    point: Json
    digest: str | None
    ollama_version: str | None
    grade: str | None
    statistic: Distribution | None

    @property
    def value(self) -> float | None:
        """The median."""
        return self.statistic["value"] if self.statistic else None


@dataclass(frozen=True)
class Submitted:
    """What a session was submitted with. `vram` is the memory of its machine's own GPUs in bytes, None if unknown."""

    models: Sequence[Json]
    vram: int | None


COLUMNS = (Test.id, Test.session, Test.model, Test.host, Test.finished_at, Test.options)


_known: Kept[Key, NewestTest] = Kept(MAX_KEPT)
_submitted: Kept[str, Submitted] = Kept(MAX_KEPT)
_kept: Kept[MetricKey, StoredResult] = Kept(MAX_KEPT)


def newest(test_type: str, *, model: str | None = None, host: str | None = None) -> list[NewestTest]:
    """Return the newest completed test of each model on each host, or only of one model or host."""
    if host is None:
        return _tests(_keys(test_type, model))
    return latest(test_type, model, host, 1) if model else _tests(_keys_on(host, test_type))


def newest_tagged(test_type: str, tag: str, *, model: str | None = None, host: str | None = None) -> list[NewestTest]:
    """Return the same among the newest sessions with a tag."""
    tagged = SessionTag.select(SessionTag.session).where(SessionTag.tag == tag.lower())
    newest_first = tagged.order_by(SessionTag.session.desc()).limit(MAX_TAGGED).tuples()
    sessions = [session for (session,) in cast("Iterable[tuple[str]]", newest_first)]
    rows = sorted(row for some in chunked(sessions, SESSIONS_AT_ONCE) for row in _of_sessions(some, test_type))
    last = {(own, place): Key(test, session) for _, test, session, own, place in rows}
    return _tests([test for (own, place), test in last.items() if model in {None, own} and host in {None, place}])


def _of_sessions(sessions: Sequence[str], test_type: str) -> list[tuple[datetime, int, str, str, str]]:
    """Return the completed tests of sessions, found by these: PostgreSQL and SQLite would read all of the test type."""
    own = Test.session.in_(sessions), is_own(Test.session), unindexed(Test.status) == Status.COMPLETED
    query = Test.select(Test.finished_at, Test.id, Test.session, Test.model, Test.host).where(*own)
    rows = query.where(unindexed(Test.test_type) == test_type).tuples()
    return list(cast("Iterable[tuple[datetime, int, str, str, str]]", rows))


def earlier(test: NewestTest, test_type: str) -> list[NewestTest]:
    """Return the tests of the same model on the same host that ended before a test, newest first."""
    return latest(test_type, test.model, test.host, MAX_EARLIER, before=test.at)


def latest(test_type: str, model: str, host: str, limit: int, *, before: datetime | None = None) -> list[NewestTest]:
    """Return the completed tests of a model on a host that ended last, newest first."""
    of_one = (Test.status == Status.COMPLETED, Test.test_type == test_type, Test.model == model, Test.host == host)
    until = (Test.finished_at < before,) if before else ()
    found = Test.select(*COLUMNS).where(*of_one, *until, is_own(Test.session))
    return [_test(row) for row in _rows(found.order_by(Test.finished_at.desc()).limit(limit))]


def names(tests: Sequence[NewestTest]) -> dict[str, str | None]:
    """Return the names of the sessions of these tests by their ids. A name may change."""
    found = Session.select(Session.id, Session.name).where(Session.id.in_([test.session_id for test in tests]))
    return dict(cast("Iterable[tuple[str, str | None]]", _rows(found)))


def of_tests(
    tests: Iterable[NewestTest], kept: Kept[Key, Value], read: Callable[[Sequence[int]], Iterable[tuple[int, Value]]]
) -> dict[int, Value]:
    """Return values by the ids of tests: what is kept, and what is read by the ids of the others."""

    def read_new(keys: Sequence[Key]) -> Iterator[tuple[Key, Value]]:
        by_id = {key.id: key for key in keys}
        for test, value in read(list(by_id)):
            yield by_id[test], value

    found = kept.of((Key(test.id, test.session_id) for test in tests), read_new)
    return {key.id: value for key, value in found.items()}


def results(tests: Sequence[NewestTest], metric: str) -> list[StoredResult]:
    """Return one metric of each of these tests, in their order."""
    keys = {MetricKey(test.id, test.session_id, metric): test for test in tests}
    found = _kept.of(keys, lambda new: _read([keys[key] for key in new], metric))
    return [found[key] for key in keys if key in found]


def _read(tests: Sequence[NewestTest], metric: str) -> Iterator[tuple[MetricKey, StoredResult]]:
    by_id = {test.id: test for test in tests}
    columns = (Result.test, Result.grade, Result.software, part(Result.metrics, "headline"))
    statistic = part(Result.statistics, metric)
    query = Result.select(*columns, statistic, Session.ollama_version).join(Test).join(Session)
    for some in chunked(by_id, AT_ONCE):
        for row in _rows(query.where(Result.test.in_(some))):
            found = _result(by_id, row)
            yield MetricKey(found.test.id, found.test.session_id, metric), found
        time.sleep(0)  # lets other requests proceed


def submitted(session_ids: Iterable[str]) -> dict[str, Submitted]:
    """Return the models and the GPU memory of sessions with completed tests, by id, as far as they can be read."""
    return _submitted.of(session_ids, _read_submitted)


def _read_submitted(ids: Sequence[str]) -> Iterator[tuple[str, Submitted]]:
    query = Session.select(Session.id, Session.models, Hardware.inventory).join(Hardware, JOIN.LEFT_OUTER)
    for some in chunked(ids, AT_ONCE):
        for session, models, inventory in _rows(query.where(Session.id.in_(some))):
            readable = [each for each in models if isinstance(each, dict)] if isinstance(models, list) else []
            yield session, Submitted(readable, own_gpu_memory(known(inventory)))


def _result(tests: Mapping[int, NewestTest], row: tuple[Any, ...]) -> StoredResult:
    test, grade, software, headline, statistic, version = row
    own = cast("SoftwareRecord", known(software))
    return StoredResult(
        test=tests[test],
        point=known(headline).get("point") or {},
        digest=own.get("digest"),
        ollama_version=own.get("ollamaVersion") or version,
        grade=grade,
        statistic=cast("Distribution", statistic) if known(statistic) else None,
    )


NEWEST = """
WITH RECURSIVE excluded(id) AS ({excluded}), found(id) AS (
    SELECT (SELECT id FROM test WHERE {wanted} ORDER BY {order} LIMIT 1)
    UNION ALL
    SELECT {next} FROM found WHERE found.id IS NOT NULL
)
SELECT id, ({session}) FROM found WHERE id IS NOT NULL
"""
"""The newest tests in the descending order of the index. Nothing is joined: PostgreSQL would read the whole table."""
OF_MODEL = "SELECT id FROM test WHERE {wanted} AND host < ({host}) ORDER BY host DESC, finished_at DESC LIMIT 1"
OF_OTHERS = "SELECT id FROM test WHERE {wanted} AND model < ({model}) ORDER BY {order} LIMIT 1"
MODEL = "SELECT model FROM test WHERE id = found.id"
HOST = "SELECT host FROM test WHERE id = found.id"
SESSION = "SELECT session_id FROM test WHERE id = found.id"
ORDER = "model DESC, host DESC, finished_at DESC"


def _keys(test_type: str, model: str | None) -> list[Key]:
    """Return the newest tests: after each test, the next host of its model, or else the next model."""
    values = {"status": Status.COMPLETED.value, "test_type": test_type, **({"model": model} if model else {})}
    others, of_others = foreign_sql()
    alike = [*(f"{name} = {database.param}" for name in values), "session_id NOT IN (SELECT id FROM excluded)"]
    wanted = " AND ".join(alike)
    next_host = OF_MODEL.format(wanted=wanted if model else f"{wanted} AND model = ({MODEL})", host=HOST)
    next_model = OF_OTHERS.format(wanted=wanted, model=MODEL, order=ORDER)
    then = f"({next_host})" if model else f"COALESCE(({next_host}), ({next_model}))"
    query = NEWEST.format(excluded=others, wanted=wanted, order=ORDER, next=then, session=SESSION)
    return _found(query, [*of_others, *[*values.values()] * (2 if model else 3)])


ON_HOST = """
WITH RECURSIVE excluded(id) AS ({excluded}), name(model) AS (
    SELECT MAX(model) FROM test WHERE {wanted}
    UNION ALL
    SELECT (SELECT MAX(model) FROM test WHERE {wanted} AND model < name.model) FROM name WHERE name.model IS NOT NULL
), found(id) AS (
    SELECT (
        SELECT id FROM test WHERE {wanted} AND model = name.model AND host = {param}
        AND session_id NOT IN (SELECT id FROM excluded) ORDER BY finished_at DESC LIMIT 1
    ) FROM name WHERE name.model IS NOT NULL
)
SELECT id, ({session}) FROM found WHERE id IS NOT NULL
"""
"""The newest test of each model on a host: one step for each model, instead of one for each of its hosts."""


def _keys_on(host: str, test_type: str) -> list[Key]:
    others, of_others = foreign_sql()
    wanted, values = f"status = {database.param} AND test_type = {database.param}", [Status.COMPLETED.value, test_type]
    query = ON_HOST.format(excluded=others, wanted=wanted, param=database.param, session=SESSION)
    return _found(query, [*of_others, *values, *values, *values, host])


def _found(query: str, values: Sequence[Any]) -> list[Key]:
    return [Key(*row) for row in cast("list[tuple[int, str]]", database.execute_sql(query, values).fetchall())]


def _tests(keys: Sequence[Key]) -> list[NewestTest]:
    found = _known.of(keys, _read_tests)
    return [found[key] for key in keys if key in found]


def _read_tests(keys: Sequence[Key]) -> Iterator[tuple[Key, NewestTest]]:
    for some in chunked((key.id for key in keys), AT_ONCE):
        for test in map(_test, _rows(Test.select(*COLUMNS).where(Test.id.in_(some)))):
            yield Key(test.id, test.session_id), test


def _test(row: tuple[Any, ...]) -> NewestTest:
    return NewestTest(*row)


def _rows(query: Any) -> Iterable[tuple[Any, ...]]:  # noqa: ANN401 - any query
    return cast("Iterable[tuple[Any, ...]]", query.tuples())
