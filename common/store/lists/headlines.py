"""What lists give of tests: their headline metrics, in some hundred bytes each instead of ten thousands.

The database takes the rest away, so that a page of thousands of tests needs little memory.
"""

import time
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import orjson
from peewee import SQL, Case, Node, NodeList, SqliteDatabase, chunked, fn

from common.free_json import Json
from common.records.test_metrics import LARGE
from common.store.database import database
from common.store.fields import UNREADABLE
from common.store.tables import Result, Status, Test

SESSIONS_AT_ONCE = 10
AT_ONCE = 500
"""Tests in one query. SQLite reads them in some ten milliseconds, during which the API does nothing else."""


@dataclass(frozen=True)
class CompletedTest:
    """A completed test with its headline metrics."""

    session: str
    model: str
    test_type: str
    finished_at: datetime
    metrics: Json


def completed_tests(sessions: Iterable[str]) -> Iterator[CompletedTest]:
    """Yield the completed tests of sessions, with those of each session in their order."""
    columns = (Test.id, Test.session, Test.model, Test.test_type, Test.finished_at)
    for some in chunked(sessions, SESSIONS_AT_ONCE):
        found = Test.select(*columns).where(Test.session.in_(list(some)), Test.status == Status.COMPLETED)
        rows = cast("list[tuple[Any, ...]]", list(found.order_by(Test.session, Test.position).tuples()))
        metrics = headline_metrics(row[0] for row in rows)
        for test, session, model, test_type, finished_at in rows:
            if test in metrics:
                yield CompletedTest(session, model, test_type, finished_at, metrics[test])


def headline_metrics(tests: Iterable[int], also: Collection[str] = ()) -> dict[int, Json]:
    """Return the metrics by name, `headline` and `finding` of completed tests, by their ids.

    `also` names further parts of the metrics.
    """
    found: dict[int, Json] = {}
    for some in chunked(tests, AT_ONCE):
        query = Result.select(Result.test, _without([name for name in LARGE if name not in also]))
        rows = database.execute(query.where(Result.test.in_(list(some)))).fetchall()
        found |= {test: _parsed(metrics) for test, metrics in rows}
        time.sleep(0)  # lets other requests proceed
    return found


def _without(parts: Iterable[str]) -> Node:
    if isinstance(database.obj, SqliteDatabase):
        rest = fn.JSON_REMOVE(Result.metrics, *(f"$.{name}" for name in parts))
        return Case(None, [(fn.JSON_VALID(Result.metrics), rest)])  # JSON that is not valid would fail the whole query
    names = ", ".join(f"'{name}'" for name in parts)
    return NodeList((Result.metrics, SQL(f"- ARRAY[{names}]")))


def _parsed(metrics: object) -> Json:
    """Return the metrics, which SQLite gives as text. What cannot be read has only a finding that says so."""
    found = orjson.loads(metrics) if isinstance(metrics, str) else metrics
    return found if isinstance(found, dict) else {"finding": UNREADABLE}
