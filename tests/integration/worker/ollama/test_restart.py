"""Restarts of a server, on the double and on a real Ollama."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from common.errors import OllamaError, OllamaUnreachable
from common.ollama.client import Ollama
from local.ollama import server as ollama_server
from local.ports import free_port
from testbed import ROOT
from testbed.ollama_double import OllamaDouble, Timing
from testbed.servers.tiny_model import create_tiny_model
from testbed.waiting import DEADLINE_S, until
from worker.ollama.client import Driver, Request

MODEL = "tiny:latest"


def asked(prompt: str, tokens: int = 8, context: int = 512) -> Request:
    return Request(MODEL, prompt, tokens, context)


@dataclass(frozen=True)
class Restartable:
    """A separate server that can be stopped and started at the same address."""

    url: str
    stop: Callable[[], None]
    start: Callable[[], object]


@pytest.fixture(params=["double", pytest.param("real", marks=pytest.mark.slow)])
def restartable(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Restartable]:
    if request.param == "double":
        with OllamaDouble(MODEL, timing=Timing(each=10)) as double:
            yield Restartable(double.url, double.stop, double.start)
        return
    port = free_port()
    monkeypatch.setattr(ollama_server, "free_port", lambda: port)
    with ExitStack() as running:

        def start() -> str:
            home, log = ROOT / "var" / "ollama", tmp_path / "ollama.log"
            return running.enter_context(ollama_server.started_ollama(home, log, print, tmp_path / "models"))

        url = start()
        create_tiny_model(url)
        yield Restartable(url, running.close, start)


def test_a_restart_cuts_an_answer_and_the_server_answers_again(restartable: Restartable) -> None:
    driver = Driver(Ollama(restartable.url))
    with ThreadPoolExecutor(1) as other:
        long = other.submit(Driver(driver.server).generate, asked("12 a long one", tokens=8000, context=8192))
        until(lambda: driver.is_loaded(MODEL), "the model in memory")
        restartable.stop()
        with pytest.raises(
            OllamaError, match=r"cut its response short|closed the connection before it answered"
        ) as cut:
            long.result(DEADLINE_S)
    assert cut.value.retry_helps
    with pytest.raises(OllamaUnreachable, match=r"cannot be reached\. Check that it is running"):
        driver.generate(asked("34 nobody there"))
    restartable.start()
    assert not driver.is_loaded(MODEL)
    assert driver.generate(asked("56 there again")).server.output_tokens == 8
