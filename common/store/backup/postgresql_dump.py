"""A copy of a PostgreSQL database in use, by pg_dump."""

from pathlib import Path

import psycopg

from common.store.backup.new_file import Copied, new_file
from common.store.backup.postgresql_programs import run


def dump(url: str, target: Path) -> Copied:
    """Copy the database at `url` to the new file `target`, which appears when it is whole, readable and on its disk.

    Raises:
        BackupFailed: if `target` exists, or if the copy cannot be made.
    """
    with new_file(target) as file:
        run("pg_dump", url, "--format=custom", "--no-owner", f"--file={file}")
        run("pg_restore", None, "--list", str(file))
    return Copied(target.stat().st_size, count_sessions(url))


def count_sessions(url: str) -> int:
    """Return the number of sessions, which may have grown since a copy began."""
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT COUNT(*) FROM session").fetchone()
    return int(row[0]) if row else 0
