"""Real servers for the tests, one of each a run."""

from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from redis import Redis

from common.ollama.client import Ollama
from local.ollama.first_model import create_random_model
from local.ollama.server import started_ollama
from local.redis_server import redis_server
from testbed import ROOT

OLLAMA_HOME = ROOT / "var" / "ollama"
PAGES = Path(__file__).parent / "system" / "pages"


pytest_plugins = ["tests.support.databases", "tests.support.nvml"]

hypothesis.settings.register_profile("reproducible", derandomize=True)
hypothesis.settings.load_profile("reproducible")


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Group the tests that share servers, so that one worker process runs them, and begin with the slow groups."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item)))
    slow = {_group(item) for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: _group(item) not in slow)


def _group(item: pytest.Item) -> str:
    """Return the group of a test: its file, whose tests may share a server, or the pages, which share a whole stack."""
    return "pages" if PAGES in item.path.parents else item.path.relative_to(ROOT).as_posix()


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("redis")
    with redis_server(folder, folder / "redis.log") as url:
        yield url


@pytest.fixture
def redis(redis_url: str) -> Iterator[Redis]:
    """An empty Redis."""
    client = Redis.from_url(redis_url)
    client.flushall()
    yield client
    client.close()


@pytest.fixture(scope="session")
def ollama_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real Ollama that holds the model `tiny:latest` and no other."""
    folder = tmp_path_factory.mktemp("ollama")
    with started_ollama(OLLAMA_HOME, folder / "ollama.log", print, folder / "models") as url:
        create_random_model(url, "tiny")
        yield url


@pytest.fixture(scope="session")
def tiny_model(ollama_url: str) -> str:
    """The name of the model that the Ollama of `ollama_url` holds."""
    return Ollama(ollama_url).models()[0].name
