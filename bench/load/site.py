"""The place of the load: a real Redis, the API on gunicorn as the Procfile starts it, a sampler, and a worker."""

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from redis import Redis

from common.redis import connect, readings_of
from local.processes import Process, server
from local.redis_server import redis_server
from tests.support.api_server import ApiServer, api_server
from tests.support.waiting import until
from tests.worker.processes import Workers

HOST = "local"
HZ = 10


@dataclass(frozen=True)
class Site:
    folder: Path
    redis: Redis
    api: ApiServer
    settings: dict[str, str]

    @property
    def process(self) -> psutil.Process:
        """The one that serves, a child of the one that was started."""
        [child] = psutil.Process(self.api.process.pid).children()
        return child

    def sampler(self) -> AbstractContextManager[Process]:
        command, log = [sys.executable, "-m", "sampler"], self.folder / "sampler.log"
        return server(
            command, log, os.environ | self.settings, ready=lambda: bool(self.redis.exists(readings_of(HOST)))
        )

    @contextmanager
    def worker(self) -> Iterator[None]:
        """One that waits for sessions."""
        started = Workers(self.settings["REDIS_URL"], self.settings["DATABASE_URL"], self.folder / "workers.log")
        try:
            started.start(self.settings["OLLAMA_HOSTS"])
            until(started.is_ready, "the worker to be ready")
            yield
        finally:
            started.kill()


@contextmanager
def site(ollama: str = "http://127.0.0.1:1") -> Iterator[Site]:
    """The API and its Redis run; `ollama` is the URL of the one machine under test."""
    with contextlib.ExitStack() as open_:
        folder = Path(open_.enter_context(tempfile.TemporaryDirectory()))
        url = open_.enter_context(redis_server(folder, folder / "redis.log"))
        settings = {
            "REDIS_URL": url,
            "DATABASE_URL": f"sqlite:///{folder}/gait.db",
            "OLLAMA_HOSTS": f"{HOST}={ollama}",
            "SAMPLE_HZ": str(HZ),
            "API_KEYS": "",
            "API_KEYS_FILE": "",
        }
        api = open_.enter_context(api_server(folder, settings))
        yield Site(folder, open_.enter_context(connect(url)), api, settings)


def cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
