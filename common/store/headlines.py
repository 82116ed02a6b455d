"""What lists give of tests: their headline metrics, in some hundred bytes each instead of ten thousands.

The database takes the rest away, so that a page of thousands of tests needs little memory.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import orjson
from peewee import SQL, Node, NodeList, SqliteDatabase, chunked, fn

from common.free_json import Json
from common.records.test_metrics import LARGE
from common.store.database import database
from common.store.tables import Result

AT_ONCE = 500
"""Tests in one query. SQLite reads them in some ten milliseconds, during which the API does nothing else."""


def headline_metrics(tests: Iterable[int]) -> dict[int, Json]:
    """Return the metrics by name, `headline` and `finding` of completed tests, by their ids."""
    return {test: metrics for test, metrics, *_ in _read(tests, [])}


def selected_metrics(tests: Iterable[int], names: Sequence[str]) -> dict[int, Json]:
    """Return these metrics of completed tests, as far as they have them, with their `statistics`, by the tests' ids."""
    columns = [Result.metrics["statistics"][name] for name in names]
    return {
        test: {
            **{name: metrics[name] for name in names if name in metrics},
            "statistics": {name: found for name, found in zip(names, statistics, strict=True) if found is not None},
        }
        for test, metrics, *statistics in _read(tests, columns)
    }


def _read(tests: Iterable[int], columns: Sequence[Any]) -> Iterator[list[Any]]:
    """Yield for each test its id, its headline metrics and the columns."""
    for some in chunked(tests, AT_ONCE):
        query = Result.select(Result.test, _without_large(), *columns).where(Result.test.in_(list(some)))
        for test, *values in database.execute(query).fetchall():
            yield [test, *(orjson.loads(value) if isinstance(value, str) else value for value in values)]
        time.sleep(0)  # lets other requests proceed


def _without_large() -> Node:
    if isinstance(database.obj, SqliteDatabase):
        return fn.JSON_REMOVE(Result.metrics, *(f"$.{name}" for name in LARGE))
    names = ", ".join(f"'{name}'" for name in LARGE)
    return NodeList((Result.metrics, SQL(f"- ARRAY[{names}]")))
