import pytest

from testbed.ollama_double import OllamaDouble
from worker.machine.server_settings import VARIABLES, server_settings


def test_the_settings_of_a_server_on_this_machine_are_known(ollama_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_FLASH_ATTENTION", "never read from the worker itself")
    found = server_settings(ollama_url)
    assert found is not None
    assert tuple(found) == VARIABLES
    assert found["OLLAMA_FLASH_ATTENTION"] in {None, "0", "1"}


@pytest.mark.parametrize("url", ["http://192.0.2.1:11434", "http://127.0.0.1:1", "http://nowhere.invalid:11434"])
def test_the_settings_of_other_servers_are_unknown(url: str, ollama_url: str) -> None:
    assert url != ollama_url
    assert server_settings(url) is None


def test_a_server_that_is_not_ollama_has_no_settings(double: OllamaDouble) -> None:
    assert server_settings(double.url) is None
