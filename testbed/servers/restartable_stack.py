"""All processes of the Procfile, with an API that can be killed and restarted on the same port."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from cli.server.client import Client
from cli.server.configuration import Connection
from local.ports import free_port
from local.processes import Process, start, stop, wait_until
from local.readiness import Readiness
from testbed.servers.api_server import api_server

OTHERS = ("worker", "sampler")


class Site:
    """The running processes. `url` is the API's."""

    def __init__(self, folder: Path, settings: dict[str, str]) -> None:
        self._folder = folder
        self._settings = settings
        self._port = free_port()
        self._running = ExitStack()
        self._web: Process | None = None
        self.url = f"http://127.0.0.1:{self._port}"
        self.client = Client(Connection(self.url))

    def start_web(self) -> None:
        """Start the API."""
        self._web = self._running.enter_context(api_server(self._folder, self._settings, self._port)).process

    @contextmanager
    def without_web(self) -> Iterator[None]:
        """Kill all processes of the API (SIGKILL), and start it again after the block."""
        assert self._web
        os.killpg(self._web.pid, signal.SIGKILL)
        self.stop_web()
        try:
            yield
        finally:
            self.start_web()

    def stop_web(self) -> None:
        """Stop the API."""
        self._running.close()

    def start_others(self) -> dict[Path, Process]:
        """Start the worker and the sampler, and return them by their logs."""
        logs = {self._folder / f"{name}.log": [sys.executable, "-m", name] for name in OTHERS}
        environment = os.environ | self._settings
        return {
            log: start(command, log, environment, parent_death_signal=signal.SIGKILL) for log, command in logs.items()
        }


@contextmanager
def site(folder: Path, settings: dict[str, str]) -> Iterator[Site]:
    """Start all processes, and wait until the inventory is published."""
    with ExitStack() as leaving:
        running = Site(folder, settings)
        running.start_web()
        leaving.callback(running.stop_web)
        others = running.start_others()
        leaving.callback(lambda: stop(*others.values()))
        readiness = Readiness(running.url)
        wait_until(lambda: readiness.is_complete("local"), others)
        yield running
