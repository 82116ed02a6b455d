"""`gait admin backup` and `gait admin restore`: copies of the database, whichever it is."""

from pathlib import Path

import click

from cli.admin.output import MB, answer, as_json, count, progress
from common.environment.settings import settings
from common.store.backup import postgresql_dump, postgresql_restore, sqlite_copy, sqlite_restore

FILE = click.Path(path_type=Path, dir_okay=False)


def sqlite_file(url: str) -> Path | None:
    """Return the file of an SQLite database, None if it is PostgreSQL."""
    scheme, _, path = url.partition(":///")
    return Path(path) if scheme == "sqlite" else None


@click.command()
@click.argument("file", type=FILE)
@as_json
def backup(file: Path, *, as_json: bool) -> None:
    """Copy the database to the new FILE while Gait runs.

    DATABASE_URL names the database. SQLite is copied by VACUUM INTO, PostgreSQL by pg_dump. FILE appears when it is
    whole, checked and on its disk.
    """
    url = settings().database_url
    source = sqlite_file(url)
    made = sqlite_copy.copy(source, file, progress()) if source else postgresql_dump.dump(url, file)
    kind = "sqlite" if source else "postgresql"
    document = {"file": str(file), "database": kind, "sessions": made.sessions, "bytes": made.size}
    text = f"{file}: {count(made.sessions, 'session')}, {made.size / MB:.1f} MB, checked."
    answer(document, text, as_json=as_json)


@click.command()
@click.argument("file", type=FILE)
@click.option("--force", is_flag=True, help="Replace the database that is there.")
@as_json
def restore(file: Path, *, force: bool, as_json: bool) -> None:
    """Fill the database from FILE, a copy of it.

    DATABASE_URL names the database, and `gait admin backup` has made FILE. All of it is restored, or nothing. Stop the
    API, all workers and schedulers before. A database that is there is only replaced with --force: SQLite's is kept
    beside it, PostgreSQL's tables are dropped. The copy of a newer release is refused. That of an older one is
    brought up to date when a process starts.
    """
    url = settings().database_url
    target, before = sqlite_file(url), None
    if target:
        restored, before = sqlite_restore.restore(file, target, progress(), force=force)
        sessions = restored.sessions
    else:
        sessions = postgresql_restore.restore(file, url, force=force)
    document = {"sessions": sessions, "before": before and str(before)}
    text = f"Restored: {count(sessions, 'session')}." + (f" What was there before is in {before}." if before else "")
    answer(document, text, as_json=as_json)
