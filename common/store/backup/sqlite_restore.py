"""An SQLite database from a copy. What was there is kept beside it."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from common.store.backup.failures import BackupFailed
from common.store.backup.new_file import SIDECARS, Copied
from common.store.backup.sqlite_copy import Show, copy
from common.store.connections.availability import Sqlite
from common.store.connections.schema import check
from common.values.partial_file import flush
from common.values.units import now

IN_USE = "Other processes use {}. Stop the API, all workers and schedulers, and try again."


def restore(source: Path, target: Path, show: Show, *, force: bool) -> tuple[Copied, Path | None]:
    """Copy a copy to `target`. Return what was restored, and where the database is that was there before.

    With `force`, there may be one. It is kept, and takes no part of its log with it.

    Raises:
        BackupFailed: if the copy cannot be used, or if there is a database that is in use or is not to be replaced.
        ConfigurationError: if another program or a newer release made the copy.
    """
    if not source.is_file():
        raise BackupFailed(f"There is no copy at {source.absolute()}. Name the file that gait admin backup has made.")
    _check(source)
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        return copy(source, target, show), None
    if not force:
        raise BackupFailed(
            f"{target} exists, and is not overwritten. Use --force, which keeps it under another name beside it."
        )
    return _replace(source, target, show)


def _check(source: Path) -> None:
    try:
        with Sqlite(f"{source.absolute().as_uri()}?mode=ro", uri=True) as opened:
            check(opened)
    except sqlite3.Error as error:
        raise BackupFailed(f"{source} cannot be read: {error}. Choose another copy.") from error


def _replace(source: Path, target: Path, show: Show) -> tuple[Copied, Path]:
    _end_log(target)
    new = target.with_name(f"{target.name}.restored")
    new.unlink(missing_ok=True)  # of a restoration that was killed
    copied = copy(source, new, show)
    before = target.with_name(f"{target.name}.before-{now():%Y%m%d-%H%M%S-%f}")
    os.link(target, before)
    new.replace(target)
    flush(target.parent)
    return copied, before


def _end_log(target: Path) -> None:
    """Copy the log of a database into it, and end the log, which the copy would be joined with.

    Raises:
        BackupFailed: if other processes have opened the database.
    """
    try:
        with closing(sqlite3.connect(target, timeout=0)) as opened:
            (mode,) = opened.execute("PRAGMA journal_mode = delete").fetchone()
    except sqlite3.OperationalError as error:
        raise BackupFailed(IN_USE.format(target)) from error
    except sqlite3.DatabaseError:  # damaged, which may be why it is restored
        _remove_log(target)
        return
    if mode != "delete":
        raise BackupFailed(IN_USE.format(target))


def _remove_log(target: Path) -> None:
    for suffix in SIDECARS:
        target.with_name(f"{target.name}{suffix}").unlink(missing_ok=True)
