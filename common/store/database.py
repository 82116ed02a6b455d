"""The connection to the database, SQLite or PostgreSQL, and its migrations."""

from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import orjson
from filelock import FileLock
from peewee import Database, DatabaseError, DatabaseProxy, InterfaceError, SqliteDatabase
from playhouse.db_url import connect as connect_url
from playhouse.db_url import register_database
from playhouse.migrations import Runner
from psycopg.types.json import set_json_loads

from common.errors import Unavailable
from common.store.availability import PooledPostgreSql, PooledSqlite, PostgreSql, Sqlite

database = DatabaseProxy()
"""The database that the tables of common.store.tables are bound to. `initialise` sets it."""

MIGRATIONS = Path(__file__).parent / "migrations"
MIGRATION_LOCK = 0x6761_6974  # "gait": the advisory lock on PostgreSQL that processes hold while they migrate

register_database(PostgreSql, "postgresql")
register_database(PooledPostgreSql, "postgresql+pool")

PRAGMAS = {
    "journal_mode": "wal",
    "foreign_keys": 1,
    "synchronous": "full",  # a finished run survives a power cut, at the cost of one fsync per run
    "busy_timeout": 5000,
}


def initialise(url: str, *, pooled: bool = False) -> None:
    """Bind the tables to the database at `url`, without connecting.

    Only the API uses a pool, because a worker's forked child must not inherit connections.
    """
    database.initialize((_sqlite if url.startswith("sqlite") else _postgresql)(url, pooled=pooled))


def open_database(url: str, *, pooled: bool = False) -> None:
    """Bind the tables to the database at `url`, and apply missing migrations.

    Raises:
        Unavailable: if the database cannot be opened.
    """
    try:
        initialise(url, pooled=pooled)
        migrate()
    except (Unavailable, DatabaseError, InterfaceError, OSError) as error:
        cause = error.__cause__ or error
        raise Unavailable(f"the database cannot be opened: {cause}") from error


def migrate() -> list[str]:
    """Apply missing migrations, in one process at a time, and return their names."""
    with database.connection_context(), _migration_lock(database.obj):
        applied: list[str] = Runner(database.obj, str(MIGRATIONS)).up()
    return applied


def _sqlite(url: str, *, pooled: bool) -> Database:
    path = url.partition("://")[2].removeprefix("/")
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    if not pooled:
        return Sqlite(path, pragmas=PRAGMAS)
    # Closing the last connection to a file copies its whole log. The pool always keeps one open.
    # A pool passes connections between threads, which sqlite3 refuses by default.
    return PooledSqlite(path, max_connections=0, pragmas=PRAGMAS, check_same_thread=False)


def _postgresql(url: str, *, pooled: bool) -> Database:
    address = url.partition("://")[2]
    scheme = "postgresql+pool" if pooled else "postgresql"
    limits = {"max_connections": 32, "stale_timeout": 300, "timeout": 5} if pooled else {}
    set_json_loads(orjson.loads)
    opened: Database = connect_url(f"{scheme}://{address}", unquote_user=True, unquote_password=True, **limits)
    return opened


def _migration_lock(opened: Database) -> AbstractContextManager[object]:
    if isinstance(opened, SqliteDatabase):
        return FileLock(f"{opened.database}.migrating")
    opened.execute_sql("SELECT pg_advisory_lock(%s)", (MIGRATION_LOCK,))
    stack = ExitStack()
    stack.callback(opened.execute_sql, "SELECT pg_advisory_unlock(%s)", (MIGRATION_LOCK,))
    return stack
