"""The API on a database that is filled already."""

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from local.redis_server import redis_server
from testbed.ollama_double import OllamaDouble
from testbed.servers.api_server import api_server
from testbed.servers.stack import settings_of


@contextmanager
def filled_api(database_url: str, hosts: Iterable[str], models: Iterable[str]) -> Iterator[str]:
    """Start the API on the database, with one double of Ollama for all hosts, and yield its URL."""
    with ExitStack() as open_:
        folder = Path(open_.enter_context(tempfile.TemporaryDirectory()))
        redis = open_.enter_context(redis_server(folder, folder / "redis.log"))
        ollama = open_.enter_context(OllamaDouble(*models))
        settings = settings_of(folder, redis, dict.fromkeys(hosts, ollama.url), DATABASE_URL=database_url)
        api = open_.enter_context(api_server(folder, settings))
        yield f"http://{api.address}"
