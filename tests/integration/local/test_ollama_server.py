import ctypes
import platform
import sys
from pathlib import Path

import psutil
import pytest

from common.environment.servers.addresses import OllamaHost
from common.ollama.client import Ollama
from local.dialogue import Ask, ask_nobody
from local.ollama.server import ollama_server, started_ollama
from local.ollama.stub_library import stub_library
from local.ollama.wheel import STUB, STUB_FUNCTIONS
from local.processes import CannotStart
from testbed import ROOT

CLOSED_PORT = "http://127.0.0.1:9"


def test_a_running_ollama_is_used(ollama_url: str, tmp_path: Path) -> None:
    lines: list[str] = []
    with ollama_server(OllamaHost(ollama_url), tmp_path, tmp_path / "ollama.log", lines.append) as url:
        assert url == ollama_url
    assert lines == [f"Ollama: {Ollama(ollama_url).version()} at {ollama_url}"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("ollama_url")  # installs it
def test_a_started_ollama_ends_with_the_block(tmp_path: Path) -> None:
    before = set(psutil.Process().children(recursive=True))
    log, models = tmp_path / "ollama.log", tmp_path / "models"
    with started_ollama(ROOT / "var" / "ollama", log, print, models) as url:
        assert Ollama(url).models() == []
    assert set(psutil.Process().children(recursive=True)) == before


def test_a_machine_that_the_wheel_does_not_support(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    assert _refusal(tmp_path).startswith("There is no Ollama on this machine. Install it from https://ollama.com")


@pytest.mark.skipif(platform.machine() != "x86_64" or sys.platform != "linux", reason="the library is for x86-64 Linux")
def test_the_stub_of_the_sycl_backend_exports_functions_that_return_0(tmp_path: Path) -> None:
    library = tmp_path / STUB
    library.write_bytes(stub_library(STUB, STUB_FUNCTIONS))
    loaded = ctypes.CDLL(str(library))
    assert [loaded[name]() for name in STUB_FUNCTIONS] == [0, 0, 0]
    assert not hasattr(loaded, "another")


def test_no_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = {"INDEX_URL": CLOSED_PORT, "EXTRA_INDEX_URL": "", "FIND_LINKS": "", "CONFIG_FILE": "/dev/null"}
    for name, value in settings.items():
        monkeypatch.setenv(f"PIP_{name}", value)
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    monkeypatch.setattr("shutil.which", {}.get)
    assert "could not be installed from PyPI" in _refusal(tmp_path)


def test_nothing_is_installed_without_consent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def refuse(question: str, *, otherwise: bool) -> bool:
        asked.append(f"{question} {otherwise}")
        return False

    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    monkeypatch.setattr("shutil.which", {}.get)
    assert _refusal(tmp_path, refuse).startswith("There is no Ollama on this machine. Install it from https://ollama")
    assert len(asked) == 1
    assert asked[0].endswith("(once, about 160 MB)? True")
    assert list(tmp_path.iterdir()) == []


def _refusal(folder: Path, ask: Ask = ask_nobody) -> str:
    """Return the one line of the failure to start an Ollama."""
    failure = pytest.raises(CannotStart)
    with failure as caught, ollama_server(OllamaHost(CLOSED_PORT), folder / "home", folder / "ollama.log", print, ask):
        pytest.fail("there should be no Ollama")
    line = str(caught.value)
    assert "\n" not in line
    return line
