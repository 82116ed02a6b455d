import socket
from collections.abc import Iterator

import pytest

from common.ollama.client import Ollama
from tests.integration.worker.ollama.peers import Peers
from worker.ollama.client import Driver

MODEL = "tiny:latest"


@pytest.fixture
def peers() -> Iterator[Peers]:
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.create_connection(listener.getsockname()) as opened:
        server, _ = listener.accept()
        server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        peers = Peers(opened, server)
        with peers.ours, server:
            yield peers


@pytest.fixture
def driver(url: str) -> Driver:
    return Driver(Ollama(url))
