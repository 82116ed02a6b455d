"""Real servers for the tests, one of each a run."""

import gc
import signal
from collections.abc import Iterator

import hypothesis
import pytest
import structlog
from redis import Redis
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from common.ollama.client import Ollama
from local.ollama.server import started_ollama
from local.redis_server import redis_server
from testbed import ROOT
from testbed.servers.tiny_model import create_tiny_model

OLLAMA_HOME = ROOT / "var" / "ollama"
PLAIN = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
PAGES = "tests/system/pages/"
LONGEST = (PAGES, "tests/system/test_documented_commands.py")
"""The groups that take longest, which must not begin last."""


pytest_plugins = ["tests.support.stored.databases", "tests.support.machine.nvml"]

gc.disable()  # while tests are collected, which makes many objects and hardly any garbage

hypothesis.settings.register_profile("reproducible", derandomize=True, deadline=None)  # a busy machine is slow
hypothesis.settings.load_profile("reproducible")


def pytest_configure() -> None:
    """Let Ctrl-C interrupt tests and what they start. A shell ignores it for what it starts in the background."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


class Groups(LoadScopeScheduling):  # type: ignore[misc] # it has no types
    """Gives each worker process whole groups of tests, so that their servers start once."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


def group_of(nodeid: str) -> str:
    """Return the folder of the pages, which share a stack, or the file."""
    return PAGES if nodeid.startswith(PAGES) else nodeid.partition("::")[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Groups:
    return Groups(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest groups, and then the other slow ones."""
    slow = {group_of(item.nodeid) for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: (group_of(item.nodeid) not in LONGEST, group_of(item.nodeid) not in slow))


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Leave what is there now out of every later search for garbage, because it stays."""
    gc.freeze()
    gc.enable()


@pytest.fixture(autouse=True)
def _logging_of_its_own() -> None:
    """Reset structlog before each test, because benches silence the log. Tracebacks in colours would take longer."""
    structlog.reset_defaults()
    structlog.configure([*structlog.get_config()["processors"][:-1], PLAIN])


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("redis")
    with redis_server(folder, folder / "redis.log") as url:
        yield url


@pytest.fixture
def redis(redis_url: str) -> Iterator[Redis]:
    """Yield an empty Redis."""
    client = Redis.from_url(redis_url)
    client.flushall()
    yield client
    client.close()


@pytest.fixture(scope="session")
def ollama_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield a real Ollama that holds the model `tiny:latest` and no other."""
    folder = tmp_path_factory.mktemp("ollama")
    with started_ollama(OLLAMA_HOME, folder / "ollama.log", print, folder / "models") as url:
        create_tiny_model(url)
        yield url


@pytest.fixture(scope="session")
def tiny_model(ollama_url: str) -> str:
    """Return the name of the model that the Ollama of `ollama_url` holds."""
    return Ollama(ollama_url).models()[0].name
