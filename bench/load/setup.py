"""A real Redis, the API under gunicorn as the Procfile starts it, a sampler and a worker."""

import contextlib
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from redis import Redis

from common.messaging.redis import connect
from local.redis_server import redis_server
from testbed.servers.api_server import ApiServer, api_server
from testbed.servers.stack import sampler, settings_of
from testbed.servers.workers import Workers
from testbed.waiting import until

HOST = "local"
HZ = 10


@dataclass(frozen=True)
class LoadSetup:
    """The running API and Redis, and what starts the other processes."""

    folder: Path
    redis: Redis
    api: ApiServer
    settings: dict[str, str]

    @property
    def process(self) -> psutil.Process:
        """The process that serves requests."""
        [worker] = self.api.workers
        return worker

    def sampler(self) -> AbstractContextManager[None]:
        return sampler(self.folder, self.settings, HOST)

    @contextmanager
    def worker(self) -> Iterator[None]:
        """Run a worker that waits for sessions."""
        started = Workers(self.settings["REDIS_URL"], self.settings["DATABASE_URL"], self.folder / "workers.log")
        started.environment.update(self.settings)
        try:
            started.start(self.settings["OLLAMA_HOSTS"])
            until(started.is_ready, "the worker to be ready")
            yield
        finally:
            started.kill()


@contextmanager
def load_setup(ollama: str = "http://127.0.0.1:1", **changed: str) -> Iterator[LoadSetup]:
    """Run the API and Redis. `ollama` is the URL of the only machine under test. `changed` are further settings."""
    with contextlib.ExitStack() as open_:
        folder = Path(open_.enter_context(tempfile.TemporaryDirectory()))
        url = open_.enter_context(redis_server(folder, folder / "redis.log"))
        settings = settings_of(folder, url, {HOST: ollama}, SAMPLE_HZ=str(HZ), **changed)
        api = open_.enter_context(api_server(folder, settings))
        yield LoadSetup(folder, open_.enter_context(connect(url)), api, settings)


def cpu_s(process: psutil.Process) -> float:
    """Return the processor time of a process in seconds."""
    times = process.cpu_times()
    return float(times.user + times.system)
