import contextlib
import socket
import threading
from collections.abc import Iterator

import pytest

from api.submission.concurrent_requests import survey
from common.environment.servers.addresses import OllamaHost
from common.errors import OllamaUnreachable
from common.ollama.client import Ollama
from common.ollama.replies import CHECK_RUNNING
from testbed.ollama_double import OllamaDouble

HOSTS = 10
MOMENT_S = 0.5
LONG_S = 60


@pytest.fixture
def silent() -> Iterator[str]:
    """Yield the address of a server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


@pytest.fixture
def trickling() -> Iterator[str]:
    """Yield the address of a server whose answer never ends, though no part of it is late."""
    over = threading.Event()

    def trickle(listening: socket.socket) -> None:
        taken, _ = listening.accept()
        with taken, contextlib.suppress(ConnectionError):
            taken.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
            while not over.wait(MOMENT_S / 10):
                taken.sendall(b" ")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        serving = threading.Thread(target=trickle, args=[listening])
        serving.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        over.set()
        serving.join()


def test_all_are_asked_at_once() -> None:
    hosts = {str(number): OllamaHost(f"http://host-{number}:11434") for number in range(HOSTS)}
    all_there = threading.Barrier(HOSTS, timeout=LONG_S)
    answers = survey(lambda ollama: (ollama.url, all_there.wait() >= 0), hosts, LONG_S)
    assert answers == {name: (host.url, True) for name, host in hosts.items()}
    assert list(answers) == list(hosts)


def test_who_is_away_holds_nobody_up(silent: str, trickling: str) -> None:
    with OllamaDouble() as there:
        urls = {"gone": "http://127.0.0.1:1", "silent": silent, "trickling": trickling, "there": there.url}
        answers = survey(Ollama.version, {name: OllamaHost(url) for name, url in urls.items()}, MOMENT_S)
    assert answers.pop("there") == "0.9.3"
    assert all(isinstance(answer, OllamaUnreachable) for answer in answers.values())
    assert {name: str(answer) for name, answer in answers.items()} == {
        "gone": f"Ollama at http://127.0.0.1:1 cannot be reached. {CHECK_RUNNING}",
        "silent": f"Ollama at {silent} did not answer in time. {CHECK_RUNNING}",
        "trickling": f"Ollama at {trickling} did not answer in time. {CHECK_RUNNING}",
    }
