"""A database that the release before run conditions wrote, and what that release answered from it.

`gait.db.xz` has sessions of every test type but `thinking`, measured on a double of Ollama. Among them are rejected
runs, a failed test, readings, and three tests that were stopped between two runs.

`answers.json.xz` has, by the names of sessions, the `runs` (model, test type, point, conditions, repetition), the
`phases` (model, test type, phase, point, repetition) and the number of `readings`. By page it has the numbers of its
`charts`: x, y, low, high and hollow of each trace.
"""

import lzma
import sqlite3
from pathlib import Path
from typing import Any

import orjson
import psycopg
from playhouse.migrations import Runner
from psycopg import sql

from common.store.database import database, initialise
from common.store.schema import MIGRATIONS

HERE = Path(__file__).parent
LAST_MIGRATION = "0006_owner"
TABLES = ("catalogue_entry", "hardware", "session", "session_tag", "test", "run", "log_line", "stretch")
"""In an order in which each refers to earlier ones only."""


def answers() -> Any:
    return orjson.loads(lzma.decompress((HERE / "answers.json.xz").read_bytes()))


def write_sqlite(path: Path) -> None:
    """Write the database to a file, as it was."""
    path.write_bytes(lzma.decompress((HERE / "gait.db.xz").read_bytes()))


def write_postgresql(url: str, scratch: Path) -> None:
    """Copy its rows into an empty PostgreSQL database at the old schema; `scratch` becomes the SQLite file."""
    write_sqlite(scratch)
    initialise(url)
    with database.connection_context():
        Runner(database.obj, str(MIGRATIONS)).up(LAST_MIGRATION)
    source = sqlite3.connect(scratch)
    try:
        with psycopg.connect(url) as target:
            for table in TABLES:
                _copy(source, target, table)
    finally:
        source.close()


def _copy(source: sqlite3.Connection, target: psycopg.Connection, table: str) -> None:
    found = source.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - a name of ours
    names = [column[0] for column in found.description]
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    values = sql.SQL(", ").join([sql.Placeholder()] * len(names))
    insert = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(sql.Identifier(table), columns, values)
    target.cursor().executemany(insert, found.fetchall())
    if names[0] == "id" and table != "session":
        target.execute(
            sql.SQL("SELECT setval(pg_get_serial_sequence({}, 'id'), MAX(id)) FROM {}").format(
                sql.Literal(table), sql.Identifier(table)
            )
        )
