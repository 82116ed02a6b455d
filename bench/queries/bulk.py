"""Fast ways to store many rows, and what is left out meanwhile because it is made faster afterwards."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import cast

from peewee import Model, SqliteDatabase
from psycopg import sql

from common.store.connections.schema import refresh_statistics
from common.store.database import database
from common.store.reads.lists import search_index
from common.store.tables import Result
from common.values.free_json import Json

SQLITE = ("synchronous = off", "journal_mode = off", "cache_size = -200000")
"""Without a journal, because an interrupted run fills the database again."""
POSTGRESQL = ("maintenance_work_mem = '512MB'", "session_replication_role = replica")
"""As a replica, it does not look up what each row refers to."""
INDEXES = {
    True: "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL",
    False: """SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
        AND indexname NOT IN (SELECT conname FROM pg_constraint)""",
}
"""The indexes that are not constraints, each with the statement that creates it, by whether it is SQLite."""

TRIGGERS = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
"""SQLite's triggers. On PostgreSQL, a replica runs none."""

COUNTED = (
    """INSERT INTO series (key, newest, newest_at, number)
    SELECT series, MAX(id), MAX(created_at), COUNT(*) FROM session GROUP BY series""",
    """INSERT INTO session_total (host, status, phase, pinned, number)
    SELECT host, status, phase, pinned, COUNT(*) FROM session GROUP BY host, status, phase, pinned""",
    "INSERT INTO tag_total (tag, number) SELECT tag, COUNT(*) FROM session_tag GROUP BY tag",
    """INSERT INTO result_total (model, test_type, host, inventory, number)
    SELECT model, test_type, host, inventory, COUNT(*) FROM test GROUP BY model, test_type, host, inventory""",
    """INSERT INTO day_total (day, number)
    SELECT SUBSTR(CAST(finished_at AS TEXT), 1, 10), COUNT(*) FROM test GROUP BY 1""",
)
"""What each series has, whose sessions' ids sort by time here, and the totals. All sessions have ended."""

Rows = dict[type[Model], list[Json]]


@contextmanager
def bulk() -> Iterator[None]:
    """Leave out the indexes and the database's own checks, until all is stored. Then create and measure the indexes."""
    is_sqlite = isinstance(database.obj, SqliteDatabase)
    for setting in SQLITE if is_sqlite else POSTGRESQL:
        database.execute_sql(f"{'PRAGMA' if is_sqlite else 'SET'} {setting}")
    search_index.drop(database.obj)
    indexes = cast("list[tuple[str, str]]", database.execute_sql(INDEXES[is_sqlite]).fetchall())
    for name, _ in indexes:
        database.execute_sql(f'DROP INDEX "{name}"')
    triggers = cast("list[tuple[str, str]]", database.execute_sql(TRIGGERS).fetchall()) if is_sqlite else []
    for name, _ in triggers:
        database.execute_sql(f"DROP TRIGGER {name}")
    yield
    for name, statement in indexes:
        print(f"  index {name}", flush=True)
        database.execute_sql(statement)
    for statement in (*COUNTED, *(statement for _, statement in triggers)):
        database.execute_sql(statement)
    search_index.create_missing(database.obj)
    refresh_statistics(database.obj)


def store(rows: Rows) -> None:
    """Store rows of several tables."""
    for table, some in rows.items():
        (_insert if isinstance(database.obj, SqliteDatabase) else _copy)(table._meta.table_name, some)  # noqa: SLF001 - peewee's


class Results:
    """Results with few different metrics, which PostgreSQL compresses once and then copies."""

    def __init__(self, different: Sequence[Json]) -> None:
        self.different = different
        if not isinstance(database.obj, SqliteDatabase):
            database.execute_sql("CREATE TEMP TABLE metrics AS SELECT * FROM result WITH NO DATA")
            _copy("metrics", [{"test_id": number, **each} for number, each in enumerate(different)])

    def store(self, tests: Sequence[int], numbers: Sequence[int]) -> None:
        """Store a result for each test, with the metrics of these numbers."""
        if isinstance(database.obj, SqliteDatabase):
            own = (self.different[number] for number in numbers)
            store({Result: [{"test_id": test, **each} for test, each in zip(tests, own, strict=True)]})
            return
        names = ", ".join(self.different[0])
        chosen = "unnest(%s::int[], %s::int[]) AS chosen (test, number) ON metrics.test_id = chosen.number"
        statement = f"INSERT INTO result (test_id, {names}) SELECT test, {names} FROM metrics JOIN {chosen}"  # noqa: S608 - our names
        database.execute_sql(statement, (list(tests), list(numbers)))


def _insert(table: str, rows: Sequence[Json]) -> None:
    names = ", ".join(f'"{name}"' for name in rows[0])
    places = ", ".join("?" * len(rows[0]))
    values = ([str(value) if isinstance(value, datetime) else value for value in row.values()] for row in rows)
    database.cursor().executemany(f'INSERT INTO "{table}" ({names}) VALUES ({places})', values)  # noqa: S608 - our names


def _copy(table: str, rows: Sequence[Json]) -> None:
    names = sql.SQL(", ").join(map(sql.Identifier, rows[0]))
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)
    with database.cursor().copy(statement) as copy:
        for row in rows:
            copy.write_row(tuple(row.values()))
