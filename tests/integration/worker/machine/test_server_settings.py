import os
import subprocess
import sys
from pathlib import Path
from subprocess import PIPE

import pytest

from local.ports import free_port
from testbed.ollama_double import OllamaDouble
from worker.machine.server_settings import VARIABLES, server_settings

LISTEN = """
import socket, sys
with socket.create_server(("127.0.0.1", int(sys.argv[1]))):
    print("listens", flush=True)
    sys.stdin.read()
"""


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


def test_a_restarted_server_has_the_settings_of_its_new_start(tmp_path: Path) -> None:
    program, port = tmp_path / "ollama", free_port()
    program.symlink_to(Path(sys.executable).resolve())

    def found(cache_type: str) -> list[str | None]:
        variables = os.environ | {"OLLAMA_KV_CACHE_TYPE": cache_type}
        command = [str(program), "-S", "-c", LISTEN, str(port)]
        with subprocess.Popen(command, env=variables, stdin=PIPE, stdout=PIPE, text=True) as running:
            assert running.stdout
            assert running.stdout.readline() == "listens\n"
            asked = [server_settings(f"http://127.0.0.1:{port}") for _ in range(2)]
            running.communicate()
        return [each["OLLAMA_KV_CACHE_TYPE"] for each in asked if each]

    assert found("q8_0") == ["q8_0", "q8_0"]
    assert server_settings(f"http://127.0.0.1:{port}") is None
    assert found("q4_0") == ["q4_0", "q4_0"]
