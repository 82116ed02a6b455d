from collections.abc import Iterator

import pytest
from redis import Redis

from common.store.database import database, open_database
from testbed.ollama_double import OllamaDouble, Timing
from tests.integration.worker.lab import STEADY, Lab
from worker.machine import idle_baseline, monitor
from worker.workload import retry


@pytest.fixture
def double() -> Iterator[OllamaDouble]:
    with OllamaDouble() as server:
        yield server


@pytest.fixture(params=["double", "real"])
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    """Yield the URL of the double or of a real Ollama, which must agree. Each holds the model `tiny:latest` alone."""
    if request.param == "real":
        yield request.getfixturevalue("ollama_url")
        return
    with OllamaDouble("tiny:latest") as double:
        yield double.url


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Return a new SQLite database with its tables, bound to the models."""
    open_database(sqlite_url)
    return sqlite_url


@pytest.fixture
def tables(database_url: str) -> Iterator[str]:
    with database.connection_context():
        yield database_url


@pytest.fixture
def watched(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """Return a lab whose runs are long enough for readings, after a short idle baseline."""
    monkeypatch.setattr(idle_baseline, "SETTLING_MS", 10)
    monkeypatch.setattr(monitor, "SCAN_DELAY_MS", 0)
    lab.double.timing = Timing(first=50)
    return lab


@pytest.fixture
def lab(redis: Redis, double: OllamaDouble, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """Return a lab on a double whose rates are steady."""
    monkeypatch.setattr(retry, "BACKOFF_S", 0.001)
    double.last = STEADY
    return Lab(redis, double)
