"""SQLite locked for a while, and its disk full, while sessions run."""

import contextlib
import shutil
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from bench.fault_injection.outage import AWAY_S, inject
from bench.fault_injection.setup import FaultSetup

TIMEOUT_S = 120
MOUNT, UMOUNT = shutil.which("mount") or "mount", shutil.which("umount") or "umount"


def lock(setup: FaultSetup) -> None:
    """Lock the database as another writer would, such as a backup that copies the file."""
    with contextlib.closing(sqlite3.connect(setup.database, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        time.sleep(AWAY_S)
        other.execute("ROLLBACK")


def fill_disk(setup: FaultSetup) -> None:
    """Fill the disk until nothing can be written, and free it again after a while."""
    ballast = setup.database.with_name("ballast")
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(4096))
    time.sleep(AWAY_S)
    ballast.unlink()


def inject_faults(console: Console) -> dict[str, dict[str, str]]:
    """Return the results after each fault."""
    locked, full = f"database locked for {AWAY_S} s", f"database disk full for {AWAY_S} s"
    found = {locked: inject(locked, lock, console, TIMEOUT_S)}
    with tempfile.TemporaryDirectory() as folder, small_disk(Path(folder)) as disk:
        if disk is None:
            console.print("  disk full: left out, because only root may mount a small disk")
        else:
            found[full] = inject(full, fill_disk, console, TIMEOUT_S, f"sqlite:///{disk}/gait.db")
    return found


@contextmanager
def small_disk(folder: Path) -> Iterator[Path | None]:
    """Mount a file system of 16 MiB at the folder. None if it may not be mounted."""
    mounted = (
        subprocess.run([MOUNT, "-t", "tmpfs", "-o", "size=16m", "gait-faults", folder], check=False).returncode == 0
    )
    try:
        yield folder if mounted else None
    finally:
        if mounted:
            subprocess.run([UMOUNT, folder], check=True)
