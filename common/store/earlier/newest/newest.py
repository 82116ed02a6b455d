"""The newest result of each model on each host."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, TypeVar, cast

from peewee import JOIN, chunked

from common.machines.gpu_memory import own_gpu_memory
from common.records.runs import SoftwareRecord
from common.stats.distribution import Distribution
from common.store.earlier.kept_values import Kept
from common.store.earlier.newest.keys import Key, Measured, latest_keys, newest_keys, tagged_keys
from common.store.fields import known, part
from common.store.reads.foreign_sessions import is_own
from common.store.tables import Hardware, Result, Session, Status, Test
from common.values.free_json import Json

MAX_TAGGED = 2000
"""Newest sessions of a tag that are looked at."""
MAX_EARLIER = 20
"""Earlier results of a model on a host that are looked at to find one with other options."""
AT_ONCE = 100
"""Results in one query."""
MAX_KEPT = 5000
"""Results, and tests and sessions, that are kept in memory at about a kilobyte each. They do not change any more."""

Value = TypeVar("Value")


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
    if model and host:
        return latest(test_type, model, host, 1)
    return _tests(newest_keys(test_type, model=model, host=host))


def newest_tagged(test_type: str, tag: str, *, model: str | None = None, host: str | None = None) -> list[NewestTest]:
    """Return the same among the newest sessions with a tag."""
    last = tagged_keys(test_type, tag, MAX_TAGGED)
    return _tests([test for (own, place), test in last.items() if model in {None, own} and host in {None, place}])


def earlier(test: NewestTest, test_type: str) -> list[NewestTest]:
    """Return the tests of the same model on the same host that ended before a test, newest first."""
    return latest(test_type, test.model, test.host, MAX_EARLIER, before=test.at)


def latest(test_type: str, model: str, host: str, limit: int, *, before: datetime | None = None) -> list[NewestTest]:
    """Return the completed tests of a model on a host that ended last, newest first."""
    of_one = (Test.status == Status.COMPLETED, Test.test_type == test_type, Test.model == model, Test.host == host)
    until = (Test.finished_at < before,) if before else ()
    found = Test.select(*COLUMNS).where(*of_one, *until, is_own(Test.session))
    return [_test(row) for row in _rows(found.order_by(Test.finished_at.desc()).limit(limit))]


def latest_of(test_types: Sequence[str], model: str, host: str, limit: int) -> dict[str, list[NewestTest]]:
    """Return what `latest` returns for each of several test types."""
    keys = latest_keys([Measured(name, model, host) for name in test_types], limit)
    tests = {(test.id, test.session_id): test for test in _tests([key for some in keys for key in some])}
    read = ([tests[key] for key in some if key in tests] for some in keys)
    return {name: sorted(some, key=_at, reverse=True) for name, some in zip(test_types, read, strict=True)}


def _at(test: NewestTest) -> datetime:
    return test.at


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
