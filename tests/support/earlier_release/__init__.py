"""Databases that earlier releases wrote, and what one of them answered from its own.

`NNNN.db.xz` is the SQLite file of a release whose last migration was NNNN. There is none for 0008, which no release
ended with. Sessions of all test types of the time were measured on a double of Ollama while a sampler ran. Among them
are rejected runs, a failed test, verdicts, and sessions that are waiting, stopped between two runs, cancelled and given
up.

`answers.json.xz` is from the release of 0006, the last one before run conditions. It has, by the names of sessions, the
`runs` (model, test type, point, conditions, repetition), the `phases` (model, test type, phase, point, repetition) and
the number of `readings`. By page it has the numbers of its `charts`: x, y, low, high and hollow of each trace.
"""

import lzma
import sqlite3
from pathlib import Path
from typing import Any

import orjson
import psycopg
from playhouse.migrations import Runner
from psycopg import sql

from common.store.connections.schema import HISTORY, MIGRATIONS
from common.store.database import database, initialise

HERE = Path(__file__).parent
RELEASES = sorted(path.name.removesuffix(".db.xz") for path in HERE.glob("*.db.xz"))
PARENTS = ("hardware", "session", "test")
"""Tables that others refer to, in an order in which each refers to earlier ones only."""


def answers() -> Any:
    return orjson.loads(lzma.decompress((HERE / "answers.json.xz").read_bytes()))


def write(release: str, url: str, scratch: Path) -> None:
    """Write a release's database to an empty one of either kind. `scratch` is a folder for a copy."""
    if url.startswith("sqlite"):
        write_sqlite(Path(url.removeprefix("sqlite:///")), release)
    else:
        write_postgresql(url, scratch / "scratch.db", release)


def write_sqlite(path: Path, release: str = "0006") -> None:
    """Write the database to a file, as it was."""
    path.write_bytes(lzma.decompress((HERE / f"{release}.db.xz").read_bytes()))


def write_postgresql(url: str, scratch: Path, release: str = "0006") -> None:
    """Copy its rows into an empty PostgreSQL database at the old schema. `scratch` becomes the SQLite file."""
    write_sqlite(scratch, release)
    source = sqlite3.connect(scratch)
    try:
        (last,) = source.execute(f"SELECT MAX(name) FROM {HISTORY}").fetchone()  # noqa: S608 - a name of ours
        initialise(url)
        with database.connection_context():
            Runner(database.obj, str(MIGRATIONS)).up(last)
        with psycopg.connect(url) as target:
            for table in _tables(source):
                _copy(source, target, table)
    finally:
        source.close()


def _tables(source: sqlite3.Connection) -> list[str]:
    found = source.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
    others = [name for (name,) in found if name not in {*PARENTS, HISTORY, "sqlite_sequence"}]
    return [*PARENTS, *others]


def _copy(source: sqlite3.Connection, target: psycopg.Connection, table: str) -> None:
    found = source.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - a name of ours
    names = [column[0] for column in found.description]
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    values = sql.SQL(", ").join([sql.Placeholder()] * len(names))
    insert = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(sql.Identifier(table), columns, values)
    rows = found.fetchall()
    target.cursor().executemany(insert, rows)
    if rows and names[0] == "id" and table != "session":
        target.execute(
            sql.SQL("SELECT setval(pg_get_serial_sequence({}, 'id'), MAX(id)) FROM {}").format(
                sql.Literal(table), sql.Identifier(table)
            )
        )
