"""Real worker processes, `python -m worker`, as the Procfile starts them."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from testbed import ROOT

COMMAND = (sys.executable, "-m", "worker")


class Workers:
    """Worker processes that share one Redis and one database."""

    def __init__(self, redis_url: str, database_url: str, log: Path) -> None:
        self.environment = {**os.environ, "REDIS_URL": redis_url, "DATABASE_URL": database_url}
        self.log = log
        self.started: list[subprocess.Popen[bytes]] = []

    def start(self, hosts: str) -> subprocess.Popen[bytes]:
        """Start a worker for hosts (`name=url`)."""
        with self.log.open("ab") as output:
            process = subprocess.Popen(
                COMMAND,
                cwd=ROOT,
                env={**self.environment, "OLLAMA_HOSTS": hosts},
                stdout=output,
                stderr=output,
            )
        self.started.append(process)
        return process

    def is_ready(self, number: int = 1) -> bool:
        """Return whether at least `number` workers have logged that they wait for sessions."""
        return self.log.read_text().count("waiting for sessions") >= number

    def kill(self) -> None:
        """Kill all workers and their children."""
        for process in self.started:
            for child in children(process):
                kill(child.pid)
            process.kill()
            process.wait()


@contextmanager
def workers(redis_url: str, database_url: str, folder: Path) -> Iterator[Workers]:
    """Kill the workers after the block, and print their log."""
    started = Workers(redis_url, database_url, folder / "workers.log")
    try:
        yield started
    finally:
        started.kill()
        sys.stdout.write(started.log.read_text() if started.log.exists() else "")  # pytest shows it if a test fails


def children(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """Return the child processes of a worker, none if it has ended."""
    try:
        return psutil.Process(process.pid).children()
    except psutil.NoSuchProcess:
        return []


def kill(pid: int) -> None:
    """Kill a process (SIGKILL), if it still runs."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
