"""The command `gait`, in the tests' process, with a real API server and a double of Ollama."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest
from click.testing import CliRunner, Result

from cli.app import app
from common.store.database import database, initialise
from testbed.ollama_double import OllamaDouble
from testbed.servers.api_server import ApiServer, api_server

KEY = "correct horse"


class Gait(Protocol):
    """Runs `gait` with arguments, and keeps its output."""

    def __call__(self, *arguments: str, **options: Any) -> Result: ...


@pytest.fixture(scope="session")
def served(redis_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """Run an API that needs KEY, with the models `tiny` and `small` on its host `local`."""
    folder = tmp_path_factory.mktemp("cli")
    with OllamaDouble("tiny:latest", "small:latest") as ollama:
        settings = {
            "REDIS_URL": redis_url,
            "DATABASE_URL": f"sqlite:///{folder}/gait.db",
            "API_KEYS": KEY,
            "OLLAMA_HOSTS": f"local@local={ollama.url},other@other=http://127.0.0.1:1",
        }
        with api_server(folder, settings) as server:
            yield server


@pytest.fixture
def stored(served: ApiServer) -> Iterator[None]:
    """Open the server's database in this process, to store sessions as a worker does."""
    initialise(f"sqlite:///{served.log.parent}/gait.db")
    yield
    database.close()


@pytest.fixture
def environment(served: ApiServer, tmp_path: Path) -> dict[str, str]:
    """Return what a person at a terminal of 80 columns has set."""
    return {
        "GAIT_URL": f"http://{served.address}",
        "GAIT_API_KEY": KEY,
        "XDG_CONFIG_HOME": str(tmp_path),
        "COLUMNS": "80",
        "http_proxy": "http://127.0.0.1:1",
    }


@pytest.fixture
def gait(environment: dict[str, str]) -> Gait:
    def run(*arguments: str, **options: Any) -> Result:
        return CliRunner().invoke(app, arguments, env={**environment, **options.pop("env", {})}, **options)

    return run
