"""The API in a separate process, served by gunicorn with api/gunicorn.py."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import requests
from websocket import WebSocket, create_connection

from local.ports import free_port
from local.processes import Process, server

TRACE = "Traceback (most recent call last)"
"""Text that no log of a server may contain."""
TIMEOUT_S = 60
"""How long a test waits before it gives up."""
COMMAND = [sys.executable, "-m", "gunicorn", "-c", "api/gunicorn.py", "api.app:create_app()"]


@dataclass(frozen=True)
class ApiServer:
    """A running API server, with the WebSockets opened to it."""

    address: str
    process: Process
    log: Path
    sockets: list[WebSocket] = field(default_factory=list)

    @property
    def workers(self) -> list[psutil.Process]:
        """Gunicorn's worker processes."""
        return psutil.Process(self.process.pid).children()

    def connect(self, path: str = "/ws/test-progress", **options: Any) -> WebSocket:
        """Open a WebSocket."""
        self.sockets.append(create_connection(f"ws://{self.address}{path}", timeout=TIMEOUT_S, **options))
        return self.sockets[-1]

    def disconnect(self) -> None:
        """Close all WebSockets opened by `connect`, in any state."""
        while self.sockets:
            self.sockets.pop().shutdown()  # type: ignore[no-untyped-call] # websocket-client's

    def get(self, path: str, headers: dict[str, str] | None = None) -> requests.Response:
        """Get a path."""
        return requests.get(f"http://{self.address}{path}", headers=headers, timeout=TIMEOUT_S)


@contextmanager
def api_server(folder: Path, settings: dict[str, str], port: int | None = None) -> Iterator[ApiServer]:
    """Start an API server on a free or given port. `settings` are environment variables."""
    port = port or free_port()
    address = f"127.0.0.1:{port}"
    environment = os.environ | {"PORT": str(port)} | settings
    log = folder / "api.log"
    with server(COMMAND, log, environment, ready=lambda: _answers(address)) as process:
        running = ApiServer(address, process, log)
        try:
            yield running
        finally:
            running.disconnect()


def _answers(address: str) -> bool:
    try:
        return requests.get(f"http://{address}/healthz", timeout=5).ok
    except (requests.ConnectionError, requests.Timeout):
        return False
