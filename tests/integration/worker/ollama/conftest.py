import socket
from collections.abc import Iterator

import pytest

from tests.integration.worker.ollama.peers import Peers


@pytest.fixture
def peers() -> Iterator[Peers]:
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.create_connection(listener.getsockname()) as opened:
        server, _ = listener.accept()
        server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        peers = Peers(opened, server)
        with peers.ours, server:
            yield peers
