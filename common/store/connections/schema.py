"""Databases that this release can use, and the migrations that bring them up to date."""

import logging
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout
from peewee import Database, PostgresqlDatabase, SqliteDatabase
from playhouse.migrations import Migration, Runner

from common.errors import ConfigurationError, Unavailable
from common.store.connections.availability import Sqlite
from common.store.reads.lists import search_index

MIGRATIONS = Path(__file__).parents[1] / "migrations"
POLL_S = 0.2
LOCK = 0x6761_6974  # "gait": the advisory lock on PostgreSQL that processes hold while they migrate
HISTORY = "schema_migration"
"""The table of the migrations that were applied."""
PARTS = ("hardware", "session", "test", "run")
"""Tables that every release has had."""
FOREIGN = f"the database belongs to another program, whose table {HISTORY} has other columns."
INCOMPLETE = "some of the database's tables are missing, though its migrations were applied. Nothing was changed."
ANALYSIS_LIMIT = "PRAGMA analysis_limit = 1000"
"""SQLite counts no further than this for any value.

It knows averages only. With larger numbers it would read whole tables to find the few unfinished sessions, because
the average status has many.
"""
MAX_NAMED = 3
"""Up to this number of foreign tables are named."""

logger = logging.getLogger(__name__)


def check_file(path: Path) -> None:
    """Refuse an SQLite file that this release cannot use, before anything is written beside it or into it.

    Raises:
        ConfigurationError: as `check`, or if the file may not be written to.
    """
    if not path.exists():
        if not _may_write(path.parent):
            raise ConfigurationError(f"{path.parent} is read-only. Allow this process to write to it.")
        return
    if not path.is_file():
        raise ConfigurationError(f"{path} is not a file. Set DATABASE_URL to the database's file.")
    if not (_may_write(path) and _may_write(path.parent)):
        raise ConfigurationError(f"{path} or its folder is read-only. Allow this process to write to both.")
    opened = Sqlite(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    with opened.connection_context():
        check(opened)


def _may_write(path: Path) -> bool:
    return os.access(path, os.W_OK, effective_ids=os.access in os.supports_effective_ids)


def check(opened: Database) -> None:
    """Refuse a database that another program or another release wrote, without changing it.

    Raises:
        ConfigurationError: if this release cannot use the database.
    """
    tables = set(opened.get_tables())  # before the migrations, which another process may apply now
    if HISTORY in tables and "name" not in [column.name for column in opened.get_columns(HISTORY)]:
        raise ConfigurationError(f"{FOREIGN} Nothing was changed. Set DATABASE_URL to an empty database.")
    runner = Runner(opened, str(MIGRATIONS))
    applied = runner.applied()
    check_migrations(applied)
    if tables - {HISTORY} and not applied:
        raise ConfigurationError(_of_another_program(sorted(tables - {HISTORY})))
    if applied and not {HISTORY, *PARTS} <= set(opened.get_tables()):
        raise ConfigurationError(f"{INCOMPLETE} Restore a whole copy, or set DATABASE_URL to an empty database.")
    if isinstance(opened, PostgresqlDatabase):
        _check_writable(opened)


def check_migrations(applied: Iterable[str]) -> None:
    """Refuse migrations that this release does not know.

    Raises:
        ConfigurationError: naming the last one.
    """
    known = all_migrations()
    if unknown := sorted(set(applied) - set(known)):
        raise ConfigurationError(_of_another_release(unknown[-1], known[-1]))


def all_migrations() -> list[str]:
    """Return the names of the migrations that this release knows, in their order."""
    return [migration.name for migration in Migration.load_directory(str(MIGRATIONS))]


def pending(opened: Database) -> list[str]:
    """Return the names of the migrations that are missing, in their order."""
    runner = Runner(opened, str(MIGRATIONS))
    before = runner.applied()
    return [each.name for each in runner.migrations() if each.name not in before]


def _check_writable(opened: PostgresqlDatabase) -> None:
    if opened.execute_sql("SHOW transaction_read_only").fetchone() == ("on",):
        raise ConfigurationError(
            "the database is read-only. Let its user write to it, or name the primary server in DATABASE_URL."
        )


def migrate(opened: Database) -> list[str]:
    """Apply missing migrations, in one process at a time, and return their names. Each is applied whole or not at all.

    Raises:
        ConfigurationError: if this release cannot use the database.
        Unavailable: if a migration fails. Those before it stay applied.
    """
    with _file_lock(opened) if isinstance(opened, SqliteDatabase) else _advisory_lock(opened):
        check(opened)
        runner, missing = Runner(opened, str(MIGRATIONS)), pending(opened)
        if not runner.applied():
            logger.info("creating a new database: %s", _place(opened))
        elif missing:
            logger.info("upgrading the database, which an earlier release wrote: %s", ", ".join(missing))
        for name in missing:
            _run(runner.up, name)
        search_index.create_missing(opened)
        if missing:
            refresh_statistics(opened)
    return missing


def revert(opened: Database, last: str) -> list[str]:
    """Undo the migrations after `last`, the newest first, so that the release that ended with it can be used again.

    What only the later release knew is lost. Return their names.

    Raises:
        ConfigurationError: if the database does not have the migration `last`.
        Unavailable: if one cannot be undone. Those after it are undone then.
    """
    with _file_lock(opened) if isinstance(opened, SqliteDatabase) else _advisory_lock(opened):
        check(opened)
        runner = Runner(opened, str(MIGRATIONS))
        applied = sorted(runner.applied())
        if last not in applied:
            raise ConfigurationError(f"The database has no migration {last}. It has those up to {applied[-1]}.")
        later = [name for name in reversed(applied) if name > last]
        for name in later:
            _run(runner.down, name)
    return later


def _place(opened: Database) -> str:
    """Return where the database is: the path of a file, or the name on a server."""
    return str(Path(opened.database).absolute() if isinstance(opened, SqliteDatabase) else opened.database)


def refresh_statistics(opened: Database) -> None:
    """Let the database see how its values are distributed, which it chooses its indexes by.

    PostgreSQL does so by itself, but minutes after many rows have changed.
    """
    if isinstance(opened, SqliteDatabase):
        opened.execute_sql(ANALYSIS_LIMIT)
    opened.execute_sql("ANALYZE")


def _run(change: Callable[[str], object], name: str) -> None:
    """Apply a migration or undo it."""
    try:
        change(name)
    except Exception as error:
        logger.exception("migration %s failed", name)
        raise Unavailable(
            f"migration {name} of the database failed: {type(error).__name__}: {error}. It was undone. Stop all other"
            " processes of Gait and start again, or install the release from before the upgrade."
        ) from error


def _of_another_release(found: str, newest: str) -> str:
    age = "a newer release" if found > newest else "another release"
    return (
        f"the database was written by {age}: it has migration {found}, and this release knows those up to {newest}."
        " Nothing was changed. Install that release again, or set DATABASE_URL to a copy from before the upgrade."
    )


def _of_another_program(tables: list[str]) -> str:
    named = ", ".join(tables[:MAX_NAMED]) + (f" and {len(tables) - MAX_NAMED} more" if len(tables) > MAX_NAMED else "")
    return (
        f"the database has tables ({named}), but no list of Gait's migrations ({HISTORY}). It belongs to another"
        " program, or only a part of it was restored. Nothing was changed. Set DATABASE_URL to an empty database, or"
        " restore a whole copy."
    )


def _file(opened: Database) -> str:
    """Return the absolute path of the database's file, empty for one in memory, which no other process can open."""
    found: str = next(file for _, name, file in opened.execute_sql("PRAGMA database_list") if name == "main")
    return found


@contextmanager
def _file_lock(opened: SqliteDatabase) -> Iterator[None]:
    file = _file(opened)
    if not file:
        yield
        return
    lock = FileLock(f"{file}.migrating")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        _say_that_it_waits()
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _advisory_lock(opened: Database) -> Iterator[None]:
    if not _takes_advisory_lock(opened):
        _say_that_it_waits()
        while not _takes_advisory_lock(opened):  # asked again, because lock_timeout would end a wait
            time.sleep(POLL_S)
    try:
        yield
    finally:
        opened.execute_sql("SELECT pg_advisory_unlock(%s)", (LOCK,))


def _takes_advisory_lock(opened: Database) -> bool:
    return bool(opened.execute_sql("SELECT pg_try_advisory_lock(%s)", (LOCK,)).fetchone()[0])


def _say_that_it_waits() -> None:
    logger.info("another process upgrades the database; waiting until it has finished")
