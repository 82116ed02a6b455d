"""The API under gunicorn with a key, Redis, samplers, a worker that runs sessions, and two Ollamas without delay."""

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local.processes import server
from local.redis_server import redis_server
from testbed.ollama_double import OllamaDouble
from testbed.servers.api_server import ApiServer, api_server
from testbed.servers.stack import sampler, settings_of

KEY = "a key for this run only"
MODELS = ("tiny:latest", "small:latest", "other:1b")
TEST_TYPES = ("decode", "ttft")
HOSTS = ("local", "other")
QUICK = {"minRepetitions": 1, "maxRepetitions": 1, "promptTokens": 64, "outputTokens": 16}


@contextmanager
def fuzz_setup(database_url: str | None = None) -> Iterator[ApiServer]:
    """Run everything until the end of the block. Without a URL, the database is a temporary SQLite file."""
    with contextlib.ExitStack() as open_:
        folder = Path(open_.enter_context(tempfile.TemporaryDirectory(prefix="fuzz-")))
        redis_url = open_.enter_context(redis_server(folder, folder / "redis.log"))
        hosts = {host: open_.enter_context(OllamaDouble(*MODELS)).url for host in HOSTS}
        database = {"DATABASE_URL": database_url} if database_url else {}
        settings = settings_of(folder, redis_url, hosts, API_KEYS=KEY, IDLE_BASELINE="0", **database)
        api = open_.enter_context(api_server(folder, settings))
        log, worker = folder / "worker.log", [sys.executable, "-m", "worker"]
        is_ready = "waiting for sessions"
        open_.enter_context(server(worker, log, os.environ | settings, ready=lambda: is_ready in log.read_text()))
        for host in HOSTS:
            open_.enter_context(sampler(folder, settings, host))
        yield api
