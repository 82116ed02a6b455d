"""Real servers for the tests, one of each a run."""

from collections.abc import Iterator

import hypothesis
import pytest
from redis import Redis

from common.ollama.client import Ollama
from local.ollama.server import started_ollama
from local.redis_server import redis_server
from testbed import ROOT
from testbed.tiny_model import create_tiny_model

OLLAMA_HOME = ROOT / "var" / "ollama"
OLLAMA_GROUP = "the real Ollama"
"""Everything that needs it, the pages included: the longest group. All other groups are files."""


pytest_plugins = ["tests.support.databases", "tests.support.nvml"]

hypothesis.settings.register_profile("reproducible", derandomize=True)
hypothesis.settings.load_profile("reproducible")


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each worker process whole groups of tests, so that servers start once. Slow groups begin first."""
    shared = {item.path for item in items if "ollama_url" in getattr(item, "fixturenames", ())}
    groups = {
        item.path: OLLAMA_GROUP if item.path in shared else item.path.relative_to(ROOT).as_posix() for item in items
    }
    slow = {groups[item.path] for item in items if item.get_closest_marker("slow")}
    for item in items:
        item.add_marker(pytest.mark.xdist_group(groups[item.path]))
    items.sort(key=lambda item: (groups[item.path] != OLLAMA_GROUP, groups[item.path] not in slow))


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
        create_tiny_model(url)
        yield url


@pytest.fixture(scope="session")
def tiny_model(ollama_url: str) -> str:
    """The name of the model that the Ollama of `ollama_url` holds."""
    return Ollama(ollama_url).models()[0].name
