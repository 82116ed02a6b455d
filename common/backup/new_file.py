"""The file of a copy, which must be new, and what it holds."""

from dataclasses import dataclass
from pathlib import Path

from common.backup.failures import BackupFailed

SIDECARS = ("-wal", "-shm", "-journal")
"""Files that SQLite takes for parts of the database beside them."""


def refuse_existing(target: Path) -> None:
    """Refuse a target that exists, or that would be joined with parts of another database.

    Raises:
        BackupFailed: saying what is in the way.
    """
    if not target.parent.is_dir():
        raise BackupFailed(f"There is no folder {target.parent}. Create it.")
    for path in (target, *(target.with_name(f"{target.name}{suffix}") for suffix in SIDECARS)):
        if path.exists() or path.is_symlink():
            raise BackupFailed(f"{path} exists, and is not overwritten. Choose another name.")


@dataclass(frozen=True)
class Copied:
    """A finished copy: its size in bytes, and the number of sessions in it."""

    size: int
    sessions: int
