"""The databases of the bench, kept under var/ from one run to the next."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from bench.queries.beside import add_beside
from bench.queries.dataset import Dataset
from bench.queries.fill import fill
from common.store.database import database, open_database

FOLDER = Path("var/bench-queries")
COMPLETE = "complete-2"
"""An empty file in the folder of a database that was filled to its end. The number is that of the data set's form."""
INSTALLED = Path("/usr/lib/postgresql")
"""Where Debian installs the programs of PostgreSQL, by version."""
KINDS = ("SQLite", "PostgreSQL")


@contextmanager
def filled(kind: str, data: Dataset) -> Iterator[str]:
    """Yield the URL of a database with the data set, which is filled unless an earlier run has done so."""
    folder = (FOLDER / f"{kind.lower()}-{data.results}").absolute()
    if not (folder / COMPLETE).exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    with ExitStack() as open_:
        url = f"sqlite:///{folder}/gait.db" if kind == "SQLite" else open_.enter_context(_postgresql(folder))
        open_database(url)
        if not (folder / COMPLETE).exists():
            print(f"Filling {kind} with {data.results:,} results:", flush=True)
            with database.connection_context():
                fill(data)
                add_beside(data)
            (folder / COMPLETE).touch()
        yield url


@contextmanager
def _postgresql(folder: Path) -> Iterator[str]:
    """Run a PostgreSQL with its data in the folder. It is an installed one, because that has pg_trgm."""
    programs = _programs()
    user = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}
    data = folder / "data"
    with tempfile.TemporaryDirectory(prefix="pg-") as sockets:
        if user:
            for own in (folder, Path(sockets)):
                shutil.chown(own, **user)
        if not (data / "PG_VERSION").exists():
            _run(
                [programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"],
                user,
            )
        if (data / "postmaster.pid").exists():  # a run that was killed has left its server
            _run([programs / "pg_ctl", "stop", "-w", "-m", "immediate", "-D", data], user)
        options = f"-c listen_addresses= -c unix_socket_directories={sockets} -c fsync=off"
        _run([programs / "pg_ctl", "start", "-w", "-D", data, "-l", folder / "log", "-o", options], user)
        try:
            yield f"postgresql://postgres@/postgres?host={sockets}"
        finally:
            _run([programs / "pg_ctl", "stop", "-w", "-m", "fast", "-D", data], user)


def _programs() -> Path:
    found = shutil.which("initdb")
    installed = sorted(INSTALLED.glob("*/bin/initdb"))
    if not found and not installed:
        raise SystemExit("No PostgreSQL is installed. Install the package postgresql, which has initdb and pg_trgm.")
    return Path(found or installed[-1]).parent


def _run(command: list[Any], user: Mapping[str, Any]) -> None:
    subprocess.run(list(map(str, command)), check=True, stdout=subprocess.DEVNULL, cwd="/", **user)
