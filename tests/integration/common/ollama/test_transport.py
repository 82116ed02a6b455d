"""Servers that answer slowly, without end, elsewhere, or not at all."""

import contextlib
import socket
import threading
import time

import pytest

from common.errors import OllamaHTTPError, OllamaProtocolError, OllamaUnreachable
from common.ollama.client import Ollama
from common.ollama.replies import MAX_BODY_BYTES
from tests.integration.common.ollama.answering import Ask, responding


def test_redirects_are_not_followed(ask: Ask) -> None:
    with (
        responding(b'{"version": "1"}') as elsewhere,
        responding(b"", 302, Location=f"{elsewhere.url}/api/version") as server,
        pytest.raises(OllamaHTTPError, match="answered 302"),
    ):
        ask(server)


def test_a_silent_server_times_out(ask: Ask) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        server = Ollama(f"http://127.0.0.1:{silent.getsockname()[1]}", timeout_s=0.1)
        with pytest.raises(OllamaUnreachable, match="did not answer in time"):
            ask(server)


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"])
def test_a_server_that_trickles_times_out(ask: Ask, head: bytes) -> None:
    """No single byte is late, in the head or in the body, but the whole response takes too long."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_trickle, args=(listener, head), daemon=True).start()
        server = Ollama(f"http://127.0.0.1:{listener.getsockname()[1]}", timeout_s=0.3)
        before = time.monotonic()
        with pytest.raises(OllamaUnreachable, match="did not answer in time"):
            ask(server)
        assert time.monotonic() - before >= 0.3


def _trickle(listener: socket.socket, head: bytes) -> None:
    peer, _ = listener.accept()
    with peer, contextlib.suppress(OSError):
        peer.sendall(head or b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while True:
            peer.sendall(b" ")
            time.sleep(0.02)


def test_a_response_above_the_limit_is_not_read_to_its_end(ask: Ask) -> None:
    with (
        responding(b" " * (MAX_BODY_BYTES + 1)) as server,
        pytest.raises(OllamaProtocolError, match="it is longer than"),
    ):
        ask(server)
    with responding(b" " * (MAX_BODY_BYTES + 1), 500) as server, pytest.raises(OllamaHTTPError, match="500: Internal"):
        ask(server)


@pytest.mark.parametrize("name", ["Content-Type", "Content-Encoding"])
def test_a_response_of_another_content_type_is_refused(ask: Ask, name: str) -> None:
    with (
        responding(b'{"version": "1"}', 200, **{name: "x-else"}) as server,
        pytest.raises(OllamaProtocolError, match=r"is not an Ollama: content .*x-else\. Check the URL and any proxy"),
    ):
        ask(server)


def test_a_closed_port_is_unreachable(ask: Ask) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, and not listening
        server = Ollama(f"http://127.0.0.1:{taken.getsockname()[1]}")
        with pytest.raises(OllamaUnreachable, match=r"cannot be reached\. Check that it is running"):
            ask(server)
