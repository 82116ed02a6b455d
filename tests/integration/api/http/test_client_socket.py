"""Clients that do not read, or stop in the middle of a body, on real sockets."""

from collections.abc import Iterator

import gevent
import pytest
from gevent import socket

from api.http import client_socket
from api.http.client_socket import PIECE_BYTES, ClientSocket

LARGE = bytes(range(256)) * 40_000
Pair = tuple[ClientSocket, socket.socket]


@pytest.fixture
def pair(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pair]:
    """Yield both ends of a TCP connection: the server's, with short deadlines, and the client's."""
    monkeypatch.setattr(client_socket, "SEND_TIMEOUT_S", 0.2)
    monkeypatch.setattr(client_socket, "RECEIVE_TIMEOUT_S", 0.1)
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, PIECE_BYTES)
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        client = socket.create_connection(listener.getsockname())
        accepted, address = listener.accept()
    with client, accepted:
        yield ClientSocket(accepted, address), client


def test_a_client_that_does_not_read_is_cut_with_the_reason(pair: Pair, caplog: pytest.LogCaptureFixture) -> None:
    server, client = pair
    with pytest.raises(BrokenPipeError):
        server.sendall(LARGE)
    assert "the client at 127.0.0.1 did not read its response for 0.2 s" in caplog.text
    server.close()
    with pytest.raises(ConnectionResetError):
        all(iter(lambda: client.recv(PIECE_BYTES), b""))


def test_a_slow_reader_gets_everything(pair: Pair) -> None:
    server, client = pair
    sending = gevent.spawn(server.sendall, LARGE)
    received = bytearray()
    while len(received) < len(LARGE):
        gevent.sleep(0.001)
        received += client.recv(2 * PIECE_BYTES)
    sending.get()
    assert received == LARGE


def test_a_body_that_does_not_arrive_ends(pair: Pair, caplog: pytest.LogCaptureFixture) -> None:
    server, client = pair
    client.send(b"some")
    assert server.recv(100) == b"some"
    assert server.recv(100) == b""
    assert "the client at 127.0.0.1 sent nothing for 0.1 s in a request" in caplog.text
