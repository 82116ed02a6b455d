"""Databases whose errors say what is wrong: `Unavailable` if the database cannot be used now.

A full disk, a restart or too many connections pass by themselves or by an operator's action. Every other error is one
of the query, and keeps peewee's type.
"""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from peewee import Database, DatabaseError, InterfaceError, OperationalError, SqliteDatabase
from playhouse.postgres_ext import Psycopg3Database

from common.errors import Unavailable
from common.store.connections.quick_sql import QuickContext

NO_RESPONSE = "The database does not respond. Check that it is running and that DATABASE_URL has its address."
BUSY = "The database has too many connections. Close other programs' connections, or raise its max_connections."
DISK = "The database's disk reports errors. The log has the cause; check the disk."
FULL = "The database's disk is full. Free space on it."
LOCKED = "Another program holds a lock on the database. Wait, or stop that program."
REFUSED = "The database refuses the connection. Its log has the cause; check the user and the name in DATABASE_URL."
READ_ONLY = "The database is read-only."
STARTING = "The database is starting or stopping. Wait until it has started."


LOCK_TIMEOUT_S = 5.0
"""How long a statement waits for another program's lock."""
LIMIT_LOCKS = "SELECT set_config('lock_timeout', %s, false) WHERE current_setting('lock_timeout') = '0'"
"""A parameter of the connection's URL would do so too, but PgBouncer refuses it."""
INTERPRET = "SELECT set_config('jit', 'off', false)"
"""Compiling a query takes PostgreSQL up to eight seconds, in a large database, for one that then takes ten ms."""


class Locked(Unavailable):
    """Another program holds a lock on the database."""


SQLITE = {
    sqlite3.SQLITE_BUSY: LOCKED,
    sqlite3.SQLITE_LOCKED: LOCKED,
    sqlite3.SQLITE_PROTOCOL: LOCKED,
    sqlite3.SQLITE_READONLY: f"{READ_ONLY} Make its file and the folder of the file writable.",
    sqlite3.SQLITE_IOERR: DISK,
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_CANTOPEN: "The database's file cannot be opened. Check its folder, and that its disk is mounted.",
}
"""What is wrong, by primary result code (https://sqlite.org/rescode.html)."""
PRIMARY_CODE = 0xFF

POSTGRESQL = {
    "08": NO_RESPONSE,
    "25006": f"{READ_ONLY} It may be a standby: set DATABASE_URL to its primary, or promote it.",
    "25P": "The database ended a transaction that took too long. Raise its time-outs for transactions.",
    "40": LOCKED,
    "53100": FULL,
    "53300": BUSY,
    "53": "The database lacks memory or another resource. Its log has the cause.",
    "55P03": LOCKED,
    "57014": "The database ended a statement that took too long. Raise its statement_timeout.",
    "57P": STARTING,
    "58": DISK,
}
"""What is wrong, by the beginning of SQLSTATE (https://www.postgresql.org/docs/current/errcodes-appendix.html)."""
CONNECTING = {
    "too many connections|connection slots|too many clients": BUSY,
    "starting up|shutting down|recovery": STARTING,
    "FATAL": REFUSED,
}
"""What is wrong, by libpq's text. A connection that is refused has no SQLSTATE."""


def problem(error: Exception) -> str | None:
    """Return what is wrong with the database and what to do, or None for an error of the query."""
    original = getattr(error, "orig", None)  # None: peewee itself was used wrongly
    if isinstance(original, sqlite3.Error):
        return SQLITE.get(getattr(original, "sqlite_errorcode", 0) & PRIMARY_CODE)
    state = getattr(original, "sqlstate", None)
    if state:
        return next((text for prefix, text in POSTGRESQL.items() if state.startswith(prefix)), None)
    if original and isinstance(error, OperationalError | InterfaceError):
        return next((text for words, text in CONNECTING.items() if re.search(words, str(error))), NO_RESPONSE)
    return None


@contextmanager
def translated() -> Iterator[None]:
    """Raise Unavailable instead of an error that says that the database cannot be used now."""
    try:
        yield
    except (DatabaseError, InterfaceError) as error:
        found = problem(error)
        if found is None:
            raise
        raise (Locked if found == LOCKED else Unavailable)(found) from error


class Translated(Database):
    """A database whose methods raise Unavailable."""

    context_class = QuickContext

    def connect(self, reuse_if_open: bool = False) -> bool:  # noqa: FBT001, FBT002 - peewee's signature
        with translated():
            return super().connect(reuse_if_open)

    def execute_sql(self, sql: str, params: Any = None, **options: Any) -> Any:  # noqa: ANN401 - peewee's signature
        with translated():
            return super().execute_sql(sql, params, **options)  # type: ignore[no-untyped-call] # its stub has no types

    def begin(self, *arguments: Any) -> None:  # noqa: ANN401 - peewee's signature
        with translated():
            super().begin(*arguments)

    def commit(self) -> None:
        with translated():
            super().commit()

    def rollback(self) -> None:
        with translated():
            super().rollback()


class Sqlite(Translated, SqliteDatabase):
    def rollback(self) -> None:
        """Roll back, unless SQLite has done so itself, as after a full disk."""
        if self.connection().in_transaction:  # type: ignore[no-untyped-call] # its stub has no types
            super().rollback()


class PostgreSql(Translated, Psycopg3Database):  # type: ignore[misc] # playhouse has no types
    """PostgreSQL, whose statements wait for another program's lock as long as SQLite's do."""

    def _connect(self) -> Any:  # noqa: ANN401 - the driver's connection
        return prepared(super()._connect())


def prepared(connection: Any) -> Any:  # noqa: ANN401 - the driver's connection
    """Limit the wait for locks on a new connection, let no query be compiled, and return it.

    A lock_timeout of server, database or user stays.
    """
    connection.execute(LIMIT_LOCKS, (f"{LOCK_TIMEOUT_S:g}s",))
    connection.execute(INTERPRET)
    connection.commit()
    return connection
