"""The database: if it can be used, is up to date, and has room."""

import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from peewee import PeeweeException

from cli.admin.backup import sqlite_file
from cli.admin.checks.finding import Finding, failed, ok, warning
from cli.admin.migrate import pending
from common.environment.settings import Settings
from common.errors import GaitError
from common.store.backup.postgresql_programs import NEEDED
from common.store.database import database, initialise
from common.store.reads import totals
from common.store.reads.lists import search_index

SUBJECT = "DATABASE_URL"
GB = 1e9
ROOM_BYTES = 1_000_000_000


def check(config: Settings) -> Iterator[Finding]:
    file = sqlite_file(config.database_url)
    try:
        missing = pending(config.database_url)
    except GaitError as error:
        yield failed(SUBJECT, str(error))
        return
    if file and not file.exists():
        yield ok(SUBJECT, f"{file.absolute()} does not exist yet, and is created when a process starts")
    elif missing:
        names = ", ".join(missing)
        yield warning(SUBJECT, f"migrations are missing: {names}. gait admin migrate applies them, or the next start.")
    else:
        yield from _contents(config.database_url)
    yield from _of_file(file) if file else _programs()


def _contents(url: str) -> Iterator[Finding]:
    initialise(url)
    try:
        with database.connection_context():
            ended, is_indexed = sum(totals.ended().values()), search_index.exists(database.obj)
    except (GaitError, PeeweeException) as error:
        yield failed(SUBJECT, f"sessions cannot be counted: {error}. Check the database, or restore a copy.")
        return
    yield ok(SUBJECT, f"up to date, {ended:,} sessions that have ended")
    if not is_indexed:
        yield warning(SUBJECT, f"searches are slow without an index. {search_index.ADVICE}")


def _of_file(file: Path) -> Iterator[Finding]:
    folder = next((each for each in (file.absolute().parent, *file.absolute().parents) if each.is_dir()), Path("/"))
    free = shutil.disk_usage(folder).free
    text = f"{free / GB:.1f} GB are free in {folder}"
    yield ok("disk", text) if free >= ROOM_BYTES else warning("disk", f"only {text}. Free space on it.")
    if file.exists() and file.stat().st_mode & stat.S_IWOTH:
        yield warning(SUBJECT, f"{file} can be changed by all users of this machine. Run chmod o-w on it.")


def _programs() -> Iterator[Finding]:
    missing = [name for name in NEEDED if shutil.which(name) is None]
    if missing:
        yield warning(
            "backup",
            f"{', '.join(missing)} not found, which gait admin backup and restore need. Install postgresql-client.",
        )
    else:
        yield ok("backup", "pg_dump, pg_restore and psql are there")
