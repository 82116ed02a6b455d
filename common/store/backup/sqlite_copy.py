"""A copy of an SQLite database that other processes write to, with all that its write-ahead log holds.

`VACUUM INTO` reads one state of the database, and lets others read and write meanwhile.
"""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from common.store.backup.failures import BackupFailed
from common.store.backup.new_file import Copied, new_file

Show = Callable[[float], None]
"""Shows the share that is copied, from 0 to 1."""
STEPS = 1000
"""SQLite's instructions between two reports of progress."""


def copy(source: Path, target: Path, show: Show) -> Copied:
    """Copy the database `source` to the new file `target`, which appears when it is whole, checked and on its disk.

    Raises:
        BackupFailed: if there is no such database, if `target` exists, or if the copy cannot be made or is damaged.
        KeyboardInterrupt: if a signal interrupted it. Nothing is left of it.
    """
    _refuse_missing(source)
    with _translated(target), new_file(target) as file:
        shutil.copymode(source, file)
        _vacuum(source, file, show)
        sessions = _checked(file)
        _refuse_missing(source)
    return Copied(target.stat().st_size, sessions)


def _refuse_missing(source: Path) -> None:
    if not source.is_file():
        raise BackupFailed(
            f"There is no database at {source.absolute()}. Set DATABASE_URL, or change to Gait's folder."
        )


def _vacuum(source: Path, file: Path, show: Show) -> None:
    with closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)) as opened:
        pages, unused, size = (
            opened.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
        )
        whole = max(1, (pages - unused) * size)
        opened.set_progress_handler(lambda: show(min(1.0, file.stat().st_size / whole)), STEPS)
        opened.execute("VACUUM INTO ?", (str(file),))


def _checked(file: Path) -> int:
    """Return the number of sessions in a copy that is not damaged."""
    with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as opened:
        found = opened.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if found != "ok":
            raise BackupFailed(f"The copy is damaged: {found}. Check the disks, and the database with integrity_check.")
        sessions: int = opened.execute("SELECT COUNT(*) FROM session").fetchone()[0]
        return sessions


@contextmanager
def _translated(target: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0)
        if code == sqlite3.SQLITE_INTERRUPT:  # a signal raised KeyboardInterrupt while SQLite called `show`
            raise KeyboardInterrupt from error
        if code == sqlite3.SQLITE_FULL:
            raise BackupFailed(f"The disk of {target} is full. Free space on it, or choose another.") from error
        raise BackupFailed(f"The database cannot be copied: {error}. Check DATABASE_URL and the disks.") from error
