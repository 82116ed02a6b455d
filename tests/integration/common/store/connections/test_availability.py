"""Databases that cannot be used now: each says what is wrong, and works again afterwards."""

import contextlib
import sqlite3
from pathlib import Path
from urllib.parse import urlsplit

import peewee
import psycopg
import pytest

from common.errors import Unavailable
from common.store.changes.writes import check_writable
from common.store.connections import availability
from common.store.connections.availability import (
    BUSY,
    DISK,
    FULL,
    LOCKED,
    NO_RESPONSE,
    READ_ONLY,
    REFUSED,
    STARTING,
    problem,
)
from common.store.connections.pool import Pool
from common.store.database import database, initialise, open_database
from common.store.search_tables import SessionTag
from testbed.servers.postgresql import PostgreSql
from testbed.stored.sessions import create

FILL = "CREATE TABLE filling AS SELECT randomblob(1000000)"
"""A statement that needs more pages than there are."""


def fails(statement: str) -> str:
    """Return what is wrong, as said by a transaction."""
    with pytest.raises(Unavailable) as raised, database.atomic():
        database.execute_sql(statement)
    return str(raised.value)


# SQLite


@pytest.mark.parametrize(
    ("cause", "end", "statement", "says"),
    [
        ("PRAGMA query_only = 1", "PRAGMA query_only = 0", "DELETE FROM session", READ_ONLY),
        ("PRAGMA max_page_count = 1", "PRAGMA max_page_count = 1000000", FILL, FULL),
    ],
)
def test_sqlite_that_cannot_write(sqlite_url: str, cause: str, end: str, statement: str, says: str) -> None:
    initialise(sqlite_url)
    with database.connection_context():
        database.execute_sql(cause)
        assert fails(statement).startswith(says)
        if says == READ_ONLY:
            with pytest.raises(Unavailable, match=READ_ONLY):
                check_writable()
        database.execute_sql(end)
        create()


def test_sqlite_that_is_locked(sqlite_url: str) -> None:
    initialise(sqlite_url)
    with (
        database.connection_context(),
        contextlib.closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)) as other,
    ):
        database.execute_sql("PRAGMA busy_timeout = 1")
        other.execute("BEGIN EXCLUSIVE")
        assert fails("DELETE FROM session") == LOCKED
        other.execute("ROLLBACK")
        create()


def test_sqlite_whose_folder_is_away_for_a_while(sqlite_url: str) -> None:
    initialise(sqlite_url)
    folder = Path(sqlite_url.removeprefix("sqlite:///")).parent
    away = folder.rename(folder.with_name("away"))
    with pytest.raises(Unavailable, match="file cannot be opened"), database.connection_context():
        check_writable()
    away.rename(folder)
    with database.connection_context():
        create()


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    Path(tmp_path, "gait.db").write_bytes(b"text" * 1000)
    with pytest.raises(Unavailable, match="the database cannot be opened: file is not a database"):
        open_database(f"sqlite:///{tmp_path}/gait.db")


# PostgreSQL


def administer(server: PostgreSql, statement: str) -> None:
    with psycopg.connect(server.uri, autocommit=True) as connection:
        connection.execute(statement.encode())


@pytest.mark.parametrize(
    ("cause", "end", "statement", "says"),
    [
        (
            "SET default_transaction_read_only = on",
            "RESET default_transaction_read_only",
            "DELETE FROM test",
            READ_ONLY,
        ),
        ("SET statement_timeout = '10ms'", "RESET statement_timeout", "SELECT pg_sleep(10)", "The database ended"),
        ("ALLOW_CONNECTIONS false", "ALLOW_CONNECTIONS true", "SELECT 1", REFUSED),
    ],
)
def test_postgresql(  # noqa: PLR0913, PLR0917 - a table's columns
    postgresql: PostgreSql, postgresql_url: str, cause: str, end: str, statement: str, says: str
) -> None:
    name = urlsplit(postgresql_url).path.removeprefix("/")
    initialise(postgresql_url)
    administer(postgresql, f"ALTER DATABASE {name} {cause}")
    with pytest.raises(Unavailable, match=says), database.connection_context():
        database.execute_sql(statement)
    administer(postgresql, f"ALTER DATABASE {name} {end}")
    with database.connection_context():
        create()


@pytest.mark.parametrize("pooled", [False, True])
def test_postgresql_that_another_program_has_locked(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch, *, pooled: bool
) -> None:
    monkeypatch.setattr(availability, "LOCK_TIMEOUT_S", 0.02)
    initialise(postgresql_url, pooled=pooled)
    with psycopg.connect(postgresql_url) as other, database.connection_context():
        other.execute("LOCK TABLE session")
        assert fails("DELETE FROM session") == LOCKED
        other.rollback()
        create()
    if isinstance(database.obj, Pool):
        database.obj.close_all()


def test_a_connection_that_the_administrator_ends(postgresql: PostgreSql, postgresql_url: str) -> None:
    initialise(postgresql_url)
    with database.connection_context():
        pid = database.execute_sql("SELECT pg_backend_pid()").fetchone()[0]
        administer(postgresql, f"SELECT pg_terminate_backend({pid})")
        assert fails("DELETE FROM test") in {STARTING, NO_RESPONSE}


# Errors that no test makes


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (psycopg.errors.DiskFull("could not extend file"), FULL),
        (psycopg.errors.TooManyConnections("too many connections for role"), BUSY),
        (psycopg.errors.IoError("could not read block"), DISK),
        (psycopg.errors.CannotConnectNow("the database system is starting up"), STARTING),
        (psycopg.errors.DeadlockDetected("deadlock detected"), LOCKED),
        (psycopg.errors.IdleInTransactionSessionTimeout("terminating"), "The database ended a transaction"),
        (psycopg.OperationalError("FATAL:  sorry, too many clients already"), BUSY),
        (psycopg.OperationalError("FATAL:  remaining connection slots are reserved"), BUSY),
        (psycopg.OperationalError("FATAL:  the database system is starting up"), STARTING),
        (psycopg.OperationalError("FATAL:  password authentication failed"), REFUSED),
        (psycopg.OperationalError("the connection is closed"), NO_RESPONSE),
        (psycopg.errors.UndefinedTable("relation does not exist"), None),
        (psycopg.errors.InsufficientPrivilege("permission denied"), None),
    ],
)
def test_other_errors(error: psycopg.Error, says: str | None) -> None:
    with pytest.raises(peewee.PeeweeException) as wrapped, peewee.__exception_wrapper__:  # type: ignore[attr-defined] # its stub lacks it
        raise error
    found = problem(wrapped.value)
    assert found is None if says is None else str(found).startswith(says)


@pytest.mark.usefixtures("tables")
def test_errors_of_a_query_keep_their_type() -> None:
    with pytest.raises((peewee.OperationalError, peewee.ProgrammingError)):
        database.execute_sql("SELECT * FROM nothing")
    with pytest.raises(peewee.OperationalError, match="already opened"):
        database.connect()
    with pytest.raises(peewee.IntegrityError):
        SessionTag.create(session=None, tag=None)
