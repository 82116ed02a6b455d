"""The new file of a copy, which appears under its name when it is whole and on its disk."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from common.store.backup.failures import BackupFailed
from common.values.partial_file import flush, partial

SIDECARS = ("-wal", "-shm", "-journal")
"""Files that SQLite takes for parts of the database beside them."""


@dataclass(frozen=True)
class Copied:
    """A finished copy: its size in bytes, and the number of sessions in it."""

    size: int
    sessions: int


@contextmanager
def new_file(target: Path) -> Iterator[Path]:
    """Yield an empty file beside the target, which its owner alone can read. It becomes the target at the end.

    If the body raises, nothing is left of it.

    Raises:
        BackupFailed: if the target exists before or at the end, or if it cannot be written.
    """
    _refuse_existing(target)
    try:
        with partial(target) as file:
            yield file
            flush(file)
            _refuse_existing(target)
            file.rename(target)
            flush(target.parent)
    except OSError as error:
        raise BackupFailed(f"{target} cannot be written: {error.strerror}. Choose another place.") from error


def _refuse_existing(target: Path) -> None:
    """Refuse a target that exists, or that would be joined with parts of another database.

    Raises:
        BackupFailed: saying what is in the way.
    """
    if not target.parent.is_dir():
        raise BackupFailed(f"There is no folder {target.parent}. Create it.")
    for path in (target, *(target.with_name(f"{target.name}{suffix}") for suffix in SIDECARS)):
        if path.exists() or path.is_symlink():
            raise BackupFailed(f"{path} exists, and is not overwritten. Choose another name.")
