"""A copy of an SQLite database that other processes write to, with all that its write-ahead log holds.

`VACUUM INTO` reads one state of the database, and lets others read and write meanwhile.
"""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from common.errors import GaitError

Show = Callable[[float], None]
"""Shows the share that is copied, from 0 to 1."""
SIDECARS = ("-wal", "-shm", "-journal")
"""Files that SQLite takes for parts of the database beside them."""
STEPS = 1000
"""SQLite's instructions between two reports of progress."""


class BackupFailed(GaitError):
    """A copy that was not made. The message has the cause and the action."""


@dataclass(frozen=True)
class Copied:
    """A finished copy: its size in bytes, and the number of sessions in it."""

    size: int
    sessions: int


def copy(source: Path, target: Path, show: Show) -> Copied:
    """Copy the database `source` to the new file `target`, which appears when it is whole, checked and on its disk.

    Raises:
        BackupFailed: if there is no such database, if `target` exists, or if the copy cannot be made or is damaged.
        KeyboardInterrupt: if a signal interrupted it. Nothing is left of it.
    """
    _refuse(source, target)
    with _translated(target), _partial(source, target) as partial:
        _vacuum(source, partial, show)
        sessions = _checked(partial)
        _flush(partial)
        _refuse(source, target)
        partial.rename(target)
        _flush(target.parent)
    return Copied(target.stat().st_size, sessions)


def _refuse(source: Path, target: Path) -> None:
    """Refuse a source that is not there, and a target that exists or would be joined with parts of another database."""
    if not source.is_file():
        raise BackupFailed(
            f"There is no database at {source.absolute()}. Set DATABASE_URL, or change to Gait's folder."
        )
    if not target.parent.is_dir():
        raise BackupFailed(f"There is no folder {target.parent}. Create it.")
    for path in (target, *(target.with_name(f"{target.name}{suffix}") for suffix in SIDECARS)):
        if path.exists() or path.is_symlink():
            raise BackupFailed(f"{path} exists, and is not overwritten. Choose another name.")


@contextmanager
def _partial(source: Path, target: Path) -> Iterator[Path]:
    """Yield an empty file beside the target, with the permissions of the source. Remove what is left of it."""
    number, name = tempfile.mkstemp(dir=target.parent, prefix=f"{target.name}.", suffix=".partial")
    os.close(number)
    path = Path(name)
    try:
        shutil.copymode(source, path)
        yield path
    finally:
        path.unlink(missing_ok=True)


def _vacuum(source: Path, partial: Path, show: Show) -> None:
    with closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)) as opened:
        pages, unused, size = (
            opened.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
        )
        whole = max(1, (pages - unused) * size)
        opened.set_progress_handler(lambda: show(min(1.0, partial.stat().st_size / whole)), STEPS)
        opened.execute("VACUUM INTO ?", (str(partial),))


def _checked(partial: Path) -> int:
    """Return the number of sessions in a copy that is not damaged."""
    with closing(sqlite3.connect(f"{partial.absolute().as_uri()}?mode=ro", uri=True)) as opened:
        found = opened.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if found != "ok":
            raise BackupFailed(f"The copy is damaged: {found}. Check the disks, and the database with integrity_check.")
        sessions: int = opened.execute("SELECT COUNT(*) FROM session").fetchone()[0]
        return sessions


def _flush(path: Path) -> None:
    """Write a file or a folder to its disk."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


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
    except OSError as error:
        raise BackupFailed(f"{target} cannot be written: {error.strerror}. Choose another place.") from error
