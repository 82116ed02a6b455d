"""How Ollama runs models with the same weights, tested on a real Ollama and on the double."""

from collections.abc import Iterator

import pytest
import requests

from tests.integration.worker.ollama.conftest import MODEL
from tests.support.ollama.generations import known
from worker.ollama.client import Driver, Request

pytestmark = pytest.mark.slow


@pytest.fixture
def with_relatives(driver: Driver) -> Iterator[Driver]:
    """Yield a server with `alpha` and `beta`, made from MODEL, and `copy`, another name of alpha. None is in memory."""
    driver.unload(MODEL)
    for name in ("alpha", "beta"):
        _post(driver, "create", {"model": name, "from": MODEL, "system": f"You are {name}.", "stream": False})
    _post(driver, "copy", {"source": "alpha", "destination": "copy"})
    yield driver
    driver.unload(MODEL)
    for name in ("alpha", "beta", "copy"):
        requests.delete(f"{driver.server.url}/api/delete", json={"model": name}, timeout=60)


def _post(driver: Driver, path: str, body: object) -> None:
    requests.post(f"{driver.server.url}/api/{path}", json=body, timeout=60).raise_for_status()


def test_models_made_from_one_another_share_a_runner(with_relatives: Driver) -> None:
    names = ("beta:latest", "alpha", MODEL, "copy")
    identities = [with_relatives.memory.identify(name) for name in names]
    assert len({identity.digest for identity in identities}) == 3  # a copy has the digest of its original
    assert len({identity.weights for identity in identities}) == 1
    cold, *warm = (with_relatives.generate(Request(name, f"{n}1 word", 1, 512)) for n, name in enumerate(names))
    assert max(known(answer.server.load_ns) for answer in warm) < known(cold.server.load_ns)
    (listed,) = with_relatives.memory.loaded()
    assert listed.name == names[0]
    assert all(with_relatives.is_loaded(name) for name in names)
    with_relatives.unload("alpha")
    assert with_relatives.server.loaded() == []


@pytest.mark.parametrize("change", ["deleted", "overwritten"])
def test_a_runner_of_a_model_that_is_gone_is_unloaded_by_its_relatives(with_relatives: Driver, change: str) -> None:
    """The server goes on using the runner, under a name and a digest of which nothing can be known any more."""
    driver = with_relatives
    driver.generate(Request("beta", "61 word", 1, 512))
    if change == "deleted":
        requests.delete(f"{driver.server.url}/api/delete", json={"model": "beta"}, timeout=60).raise_for_status()
    else:
        _post(driver, "create", {"model": "beta", "from": MODEL, "system": "You are new.", "stream": False})
    fresh = Driver(driver.server)
    assert not fresh.is_loaded(MODEL)
    fresh.unload_stale(MODEL)
    fresh.generate(Request(MODEL, "62 word", 1, 512))
    assert [loaded.name for loaded in fresh.server.loaded()] == [MODEL]
    assert fresh.is_loaded("alpha")
    fresh.unload_stale(MODEL)  # changes nothing now
    assert fresh.is_loaded(MODEL)


def test_names_are_read_as_the_server_reads_them(driver: Driver) -> None:
    for number, name in enumerate(("tiny", "TINY:latest", "library/tiny", "registry.ollama.ai/library/tiny")):
        driver.generate(Request(name, f"7{number} word", 1, 512))
        assert driver.is_loaded(name)
    (listed,) = driver.server.loaded()
    assert listed.name == MODEL
