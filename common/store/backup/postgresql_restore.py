"""A PostgreSQL database from a copy that pg_dump made, all of it or nothing."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg import sql

from common.store.backup.failures import BackupFailed
from common.store.backup.postgresql_dump import count_sessions
from common.store.backup.postgresql_programs import run
from common.store.connections.schema import HISTORY, check_migrations

OTHERS = """SELECT COUNT(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"""
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
FUNCTIONS = """SELECT proname FROM pg_proc WHERE pronamespace = current_schema()::regnamespace
    AND prorettype = 'trigger'::regtype
    AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')"""
"""The functions of triggers, which stay when their tables are dropped, but for those of extensions."""
END_OF_ROWS = b"\\."
SETTINGS = b"SET lock_timeout = '10s';\n"


def restore(source: Path, url: str, *, force: bool) -> int:
    """Fill the database at `url` from a copy, and return the number of its sessions.

    One transaction drops the tables that are there, with their triggers, and makes those of the copy. With `force`,
    there may be some.

    Raises:
        BackupFailed: if the copy cannot be used, if the database has tables or is in use, or if a program fails.
        ConfigurationError: if a newer release made the copy.
    """
    if not source.is_file():
        raise BackupFailed(f"There is no copy at {source.absolute()}. Name the file that gait admin backup has made.")
    check_migrations(_migrations(source))
    drop = _what_to_drop(url, force=force)
    script = run("pg_restore", None, "--no-owner", "--no-privileges", "--file=-", str(source))
    given = [SETTINGS, drop.as_string(None).encode(), script]
    run("psql", url, "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", given=given)
    return count_sessions(url)


def _migrations(source: Path) -> list[str]:
    """Return the migrations that had been applied to the database of a copy."""
    table = run("pg_restore", None, "--data-only", f"--table={HISTORY}", "--file=-", str(source))
    return [row.split("\t")[1] for row in _rows(table)]


def _rows(script: bytes) -> Iterator[str]:
    """Yield the rows of a table that pg_restore writes as `COPY … FROM stdin;`."""
    is_row = False
    for line in script.splitlines():
        if line == END_OF_ROWS:
            is_row = False
        if is_row:
            yield line.decode()
        is_row = is_row or line.startswith(b"COPY ")


def _what_to_drop(url: str, *, force: bool) -> sql.Composed:
    """Return the statements that empty the database, none if it has no tables."""
    try:
        with psycopg.connect(url) as connection:
            tables = [sql.Identifier(name) for (name,) in connection.execute(TABLES)]
            functions = [sql.Identifier(name) for (name,) in connection.execute(FUNCTIONS)]
            row = connection.execute(OTHERS).fetchone()
    except psycopg.Error as error:
        reason = str(error).splitlines()[0]
        raise BackupFailed(f"The database does not respond: {reason}. Check DATABASE_URL.") from error
    if tables and not force:
        raise BackupFailed(
            "The database has tables, and is not overwritten. Copy it, and use --force, or name an empty database in"
            " DATABASE_URL."
        )
    if tables and row and row[0]:
        raise BackupFailed(
            f"{row[0]} other connections use the database. Stop the API, all workers and schedulers, and try again."
        )
    if not tables:
        return sql.Composed([])
    without_tables = sql.SQL("DROP TABLE {} CASCADE;\n").format(sql.SQL(", ").join(tables))
    return without_tables + sql.Composed([sql.SQL("DROP FUNCTION {}();\n").format(name) for name in functions])
