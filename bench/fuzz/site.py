"""The place of the fuzzing: the API under gunicorn with a key, a real Redis, a sampler and a worker that runs what is
submitted, and two Ollamas that answer at once.
"""

import contextlib
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from redis import Redis

from common.redis import inventory_of
from local.processes import Process, server
from local.redis_server import redis_server
from tests.support.api_server import ApiServer, api_server
from tests.support.ollama_double import OllamaDouble

KEY = "a key for this run alone"
MODELS = ("tiny:latest", "small:latest", "other:1b")
TEST_TYPES = ("decode", "ttft")
HOSTS = ("local", "other")
QUICK = {"minRepetitions": 1, "maxRepetitions": 1, "promptTokens": 64, "outputTokens": 16}
TRACE = "Traceback (most recent call last)"


@contextmanager
def site(database_url: str | None = None) -> Iterator[ApiServer]:
    """While the block lasts. Without a URL the database is SQLite's, and goes with it."""
    with contextlib.ExitStack() as open_:
        folder = Path(open_.enter_context(tempfile.TemporaryDirectory(prefix="fuzz-")))
        redis_url = open_.enter_context(redis_server(folder, folder / "redis.log"))
        doubles = {host: open_.enter_context(OllamaDouble(*MODELS)) for host in HOSTS}
        settings = {
            "REDIS_URL": redis_url,
            "DATABASE_URL": database_url or f"sqlite:///{folder}/gait.db",
            "API_KEYS": KEY,
            "OLLAMA_HOSTS": ",".join(f"{host}={double.url}" for host, double in doubles.items()),
            "IDLE_BASELINE": "0",
        }
        api = open_.enter_context(api_server(folder, settings))
        worker = folder / "worker.log"
        open_.enter_context(_part("worker", worker, settings, lambda: "waiting for sessions" in worker.read_text()))
        for host in HOSTS:
            log, of_host = folder / f"sampler-{host}.log", settings | {"SAMPLER_HOST": host}
            open_.enter_context(_part("sampler", log, of_host, partial(_has_reported, redis_url, host)))
        yield api


def _part(
    name: str, log: Path, settings: dict[str, str], ready: Callable[[], bool]
) -> contextlib.AbstractContextManager[Process]:
    return server([sys.executable, "-m", name], log, os.environ | settings, ready=ready)


def _has_reported(redis_url: str, host: str) -> bool:
    with Redis.from_url(redis_url) as redis:
        return bool(redis.exists(inventory_of(host)))
