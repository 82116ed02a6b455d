"""The place of the fuzzing: the API under gunicorn with a key, a real Redis, a sampler and a worker that runs what is
submitted, and two Ollamas that answer at once.
"""

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local.processes import server
from local.redis_server import redis_server
from testbed.api_server import ApiServer, api_server
from testbed.ollama_double import OllamaDouble
from testbed.stack import sampler, settings_of

KEY = "a key for this run alone"
MODELS = ("tiny:latest", "small:latest", "other:1b")
TEST_TYPES = ("decode", "ttft")
HOSTS = ("local", "other")
QUICK = {"minRepetitions": 1, "maxRepetitions": 1, "promptTokens": 64, "outputTokens": 16}


@contextmanager
def site(database_url: str | None = None) -> Iterator[ApiServer]:
    """While the block lasts. Without a URL the database is SQLite's, and goes with it."""
    with contextlib.ExitStack() as open_:
        folder = Path(open_.enter_context(tempfile.TemporaryDirectory(prefix="fuzz-")))
        redis_url = open_.enter_context(redis_server(folder, folder / "redis.log"))
        hosts = {host: open_.enter_context(OllamaDouble(*MODELS)).url for host in HOSTS}
        database = {"DATABASE_URL": database_url} if database_url else {}
        settings = settings_of(folder, redis_url, hosts, API_KEYS=KEY, IDLE_BASELINE="0", **database)
        api = open_.enter_context(api_server(folder, settings))
        log, worker = folder / "worker.log", [sys.executable, "-m", "worker"]
        waits = "waiting for sessions"
        open_.enter_context(server(worker, log, os.environ | settings, ready=lambda: waits in log.read_text()))
        for host in HOSTS:
            open_.enter_context(sampler(folder, settings, host))
        yield api
