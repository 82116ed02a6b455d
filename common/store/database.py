"""The connection to the database, SQLite or PostgreSQL, and its migrations."""

from pathlib import Path
from typing import Any

import orjson
from peewee import Database, DatabaseProxy, PeeweeException, SqliteDatabase
from psycopg import Error
from psycopg.conninfo import conninfo_to_dict
from psycopg.types.json import set_json_loads

from common.errors import ConfigurationError, Unavailable
from common.store.connections import schema
from common.store.connections.availability import PostgreSql, Sqlite
from common.store.connections.pooled import PooledPostgreSql, PooledSqlite

database = DatabaseProxy()
"""The database that the tables of common.store.tables are bound to. `initialise` sets it."""

PRAGMAS = {
    "journal_mode": "wal",
    "foreign_keys": 1,
    "synchronous": "full",  # a finished run survives a power cut, at the cost of one fsync per run
    "busy_timeout": 5000,
    "journal_size_limit": 16 << 20,  # bytes of the log's file, which a long read may have made larger
}

POOLED = {"busy_timeout": 0}
"""The API has one thread, which SQLite's own wait would stop. It waits as `Waiting` does."""

LOST = {"connect_timeout": 10, "keepalives_idle": 10, "keepalives_interval": 5, "tcp_user_timeout": 20_000}
"""Limits of libpq (s, and ms for the last) after which a PostgreSQL whose machine was lost is unavailable.

Without them a query would wait for a quarter of an hour or longer.
"""


def initialise(url: str, *, pooled: bool = False) -> None:
    """Bind the tables to the database at `url`, without connecting.

    `url` is as `common.environment.servers.database_url` returns it.
    Only the API uses a pool, because a worker's forked child must not inherit connections.
    """
    database.initialize((_sqlite if url.startswith("sqlite") else _postgresql)(url, pooled=pooled))


def open_database(url: str, *, pooled: bool = False) -> None:
    """Bind the tables to the database at `url`, and apply missing migrations.

    Raises:
        ConfigurationError: if this release cannot use the database.
        Unavailable: if the database cannot be opened, or if a migration fails.
    """
    try:
        initialise(url, pooled=pooled)
        migrate()
    except (PeeweeException, OSError) as error:
        raise Unavailable(
            f"the database cannot be opened: {error}. Check DATABASE_URL, or restore a copy of the database."
        ) from error


def migrate() -> list[str]:
    """Apply missing migrations, and return their names.

    Raises:
        ConfigurationError: if this release cannot use the database.
        Unavailable: if a migration fails.
    """
    if isinstance(database.obj, SqliteDatabase):
        schema.check_file(Path(database.obj.database))
    with database.connection_context():
        return schema.migrate(database.obj)


def optimise() -> None:
    """Let SQLite look at tables that have grown much since it last did, to choose its indexes by their values."""
    if isinstance(database.obj, SqliteDatabase):
        database.execute_sql(schema.ANALYSIS_LIMIT)
        database.execute_sql("PRAGMA optimize")


def checkpoint() -> None:
    """Copy the write-ahead log of SQLite into the database's file, as far as no reader needs the older state.

    Without it, up to four megabytes stay in the log, and a copy of the file alone lacks them. PASSIVE waits for nobody
    and holds up nobody. With a reader open, TRUNCATE and FULL block all writers until `busy_timeout`: measured 5.0 s.
    """
    if isinstance(database.obj, SqliteDatabase):
        database.execute_sql("PRAGMA wal_checkpoint(PASSIVE)")


def _sqlite(url: str, *, pooled: bool) -> Database:
    path = url.partition("://")[2].removeprefix("/")
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    if not pooled:
        return Sqlite(path, pragmas=PRAGMAS)
    # Closing the last connection to a file copies its whole log. The pool always keeps one open.
    # A pool passes connections between threads, which sqlite3 refuses by default.
    return PooledSqlite(path, pragmas={**PRAGMAS, **POOLED}, timeout=0, lock_type="IMMEDIATE", check_same_thread=False)


def _postgresql(url: str, *, pooled: bool) -> Database:
    try:
        given: dict[str, Any] = conninfo_to_dict(url)
    except Error:  # its text may quote a password
        raise ConfigurationError(
            "DATABASE_URL has a parameter that PostgreSQL does not know. Correct what follows its ?."
        ) from None
    set_json_loads(orjson.loads)
    options = LOST | given
    name = options.pop("dbname", "")
    return (PooledPostgreSql if pooled else PostgreSql)(name, **options)
