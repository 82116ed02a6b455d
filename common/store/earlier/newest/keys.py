"""The newest completed test of each model on each host, found by one step in an index for each.

Some hundred steps take milliseconds, so what was found is kept until a result comes or goes.
"""

from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple, cast

from peewee import SqliteDatabase

from common.store.database import database
from common.store.earlier.results_version import results_version
from common.store.reads.foreign_sessions import foreign_sql
from common.store.tables import Status

MAX_KEPT = 1000
"""Lists of keys that are kept. When there would be more, all are found again."""


class Key(NamedTuple):
    """A completed test, which does not change any more. A test's id may be that of one that was deleted."""

    id: int
    session: str


_kept: dict[Hashable, tuple[Hashable, list[Key]]] = {}
"""The keys by what was asked for, with the version at which they were found."""


def newest_keys(test_type: str, *, model: str | None = None, host: str | None = None) -> list[Key]:
    """Return the newest completed test of each model on each host, or only of one model or host, but not of both."""
    asked, version = (database.obj, test_type, model, host), results_version([test_type], [model] if model else None)
    known = _kept.get(asked)
    if known and known[0] == version:
        return known[1]
    found = _keys(test_type, model) if host is None else _keys_on(host, test_type)
    if len(_kept) >= MAX_KEPT:
        _kept.clear()
    _kept[asked] = version, found
    return found


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


LATEST = """SELECT * FROM (
    SELECT {number}, id, session_id FROM test
    WHERE status = {p} AND test_type = {p} AND model = {p} AND host = {p}
    AND session_id NOT IN (SELECT id FROM excluded) ORDER BY finished_at DESC LIMIT {limit}
) AS of_type_{number}
"""


class Measured(NamedTuple):
    """What is measured again and again: a test type of a model on a host."""

    test_type: str
    model: str
    host: str


def latest_keys(wanted: Sequence[Measured], limit: int) -> list[list[Key]]:
    """Return the tests that ended last of each that is wanted: all with one statement."""
    if not wanted:
        return []
    others, of_others = foreign_sql()
    parts = [LATEST.format(number=number, p=database.param, limit=limit) for number in range(len(wanted))]
    values = [value for each in wanted for value in (Status.COMPLETED.value, *each)]
    query = f"WITH excluded(id) AS ({others}) {' UNION ALL '.join(parts)}"
    found: list[list[Key]] = [[] for _ in wanted]
    for number, *key in cast("list[tuple[Any, ...]]", database.execute_sql(query, [*of_others, *values]).fetchall()):
        found[number].append(Key(*key))
    return found


TAGGED = """
WITH excluded(id) AS ({excluded}), tagged(id) AS (
    SELECT session_id FROM session_tag WHERE tag = {p} ORDER BY session_id DESC LIMIT {limit}
)
SELECT test.finished_at, test.id, test.session_id, test.model, test.host FROM tagged CROSS JOIN {test}
WHERE test.session_id = tagged.id AND test.status || '' = {p} AND test.test_type || '' = {p}
    AND test.session_id NOT IN (SELECT id FROM excluded)
"""
"""Tests found by their sessions: for their status or type alone, both databases would read all of that type."""
OF_SESSION = "LATERAL (SELECT * FROM test WHERE session_id = tagged.id OFFSET 0) AS test"
"""How PostgreSQL is made to look up each session. SQLite never exchanges the tables of a CROSS JOIN."""


def tagged_keys(test_type: str, tag: str, limit: int) -> dict[tuple[str, str], Key]:
    """Return the newest test of each model on each host among the newest sessions with a tag, `limit` of them."""
    others, of_others = foreign_sql()
    test = "test" if isinstance(database.obj, SqliteDatabase) else OF_SESSION
    query = TAGGED.format(excluded=others, p=database.param, limit=limit, test=test)
    values = [*of_others, tag.lower(), Status.COMPLETED.value, test_type]
    rows = sorted(cast("list[tuple[Any, ...]]", database.execute_sql(query, values).fetchall()))
    return {(model, host): Key(test, session) for _, test, session, model, host in rows}


def _found(query: str, values: Sequence[Any]) -> list[Key]:
    return [Key(*row) for row in cast("list[tuple[int, str]]", database.execute_sql(query, values).fetchall())]
