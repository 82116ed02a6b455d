"""The database locked for a while, and its disk full, while sessions run."""

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

from bench.fault_injection.outage import AWAY_S, survive
from bench.fault_injection.site import Site

PATIENCE_S = 120
MOUNT, UMOUNT = shutil.which("mount") or "mount", shutil.which("umount") or "umount"


def lock(place: Site) -> None:
    """By another writer, as a backup that copies the file."""
    with contextlib.closing(sqlite3.connect(place.database, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        time.sleep(AWAY_S)
        other.execute("ROLLBACK")


def fill_disk(place: Site) -> None:
    """Until nothing can be written, then make room again."""
    ballast = place.database.with_name("ballast")
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(4096))
    time.sleep(AWAY_S)
    ballast.unlink()


def inject_faults(console: Console) -> dict[str, dict[str, str]]:
    """What was found after each fault."""
    locked, full = f"database locked for {AWAY_S} s", f"database disk full for {AWAY_S} s"
    found = {locked: survive(locked, lock, console, PATIENCE_S)}
    with tempfile.TemporaryDirectory() as folder, small_disk(Path(folder)) as disk:
        if disk is None:
            console.print("  disk full: left out, because it takes root's right to mount a small one")
        else:
            found[full] = survive(full, fill_disk, console, PATIENCE_S, f"sqlite:///{disk}/gait.db")
    return found


@contextmanager
def small_disk(folder: Path) -> Iterator[Path | None]:
    """A file system of 16 MiB at the folder; None where it may not be mounted."""
    mounted = (
        subprocess.run([MOUNT, "-t", "tmpfs", "-o", "size=16m", "gait-torture", folder], check=False).returncode == 0
    )
    try:
        yield folder if mounted else None
    finally:
        if mounted:
            subprocess.run([UMOUNT, folder], check=True)
