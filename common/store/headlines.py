"""What lists give of tests: their headline metrics, in some hundred bytes each instead of ten thousands.

The database takes the rest away, so that a page of thousands of tests needs little memory.
"""

import time
from collections.abc import Collection, Iterable

import orjson
from peewee import SQL, Case, Node, NodeList, SqliteDatabase, chunked, fn

from common.free_json import Json
from common.records.test_metrics import LARGE
from common.store.database import database
from common.store.fields import UNREADABLE
from common.store.tables import Result

AT_ONCE = 500
"""Tests in one query. SQLite reads them in some ten milliseconds, during which the API does nothing else."""


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
