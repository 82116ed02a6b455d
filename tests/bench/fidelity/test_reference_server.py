import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.fidelity.measurement import reference_server
from bench.fidelity.reference_server import FIRST_NS, NEXT_NS, read_log
from bench.fidelity.stream import OLLAMA, OPENAI
from testbed.waiting import until

pytestmark = pytest.mark.serial

TOKENS = 20
Entry = tuple[int, list[int]]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


@pytest.fixture
def server(log: Path) -> Iterator[tuple[str, int]]:
    """Run a server, and give its address for sockets."""
    with reference_server(log) as url:
        yield "127.0.0.1", int(url.rpartition(":")[2])


def ask(client: socket.socket, prompt: str, path: bytes = OLLAMA, header: bytes = b"") -> None:
    body = json.dumps({"prompt": prompt, "options": {"num_predict": TOKENS}}).encode()
    client.sendall(b"POST %s HTTP/1.1\r\n%sContent-Length: %d\r\n\r\n%s" % (path, header, len(body), body))


def pieces(client: socket.socket) -> Iterator[tuple[int, bytes]]:
    """Yield each read and its time, up to the answer's end."""
    read = b""
    while not read.endswith(b"0\r\n\r\n"):
        piece = client.recv(1 << 16)
        yield time.time_ns(), piece
        read += piece


def logged(log: Path) -> dict[str, Entry]:
    return {name: (arrived, writes) for name, arrived, writes in read_log(log)}


def test_the_log_is_what_a_socket_saw(server: tuple[str, int], log: Path) -> None:
    with socket.create_connection(server) as client:
        before = time.time_ns()
        ask(client, "a question")
        seen = list(pieces(client))
    arrived, writes = logged(log)["a question"]
    assert before <= arrived <= seen[0][0]
    assert len(writes) == TOKENS
    assert b"".join(piece for _, piece in seen).count(b'"word ') == TOKENS
    arrivals = [stamp for stamp, piece in seen for _ in range(piece.count(b'"word '))]
    assert all(written <= stamp for written, stamp in zip(writes, arrivals, strict=True))


def test_no_token_is_written_before_it_is_due(server: tuple[str, int], log: Path) -> None:
    with socket.create_connection(server) as client:
        ask(client, "a question")
        list(pieces(client))
    arrived, writes = logged(log)["a question"]
    assert all(written >= arrived + FIRST_NS + token * NEXT_NS for token, written in enumerate(writes))


def test_a_client_that_reads_late_changes_no_entry(server: tuple[str, int], log: Path) -> None:
    with socket.create_connection(server) as slow, socket.create_connection(server) as quick:
        ask(slow, "slow")
        ask(quick, "quick")
        list(pieces(quick))
        until(lambda: "slow" in logged(log), "the log entry of the answer that nobody reads")
        unread = time.time_ns()
        list(pieces(slow))
    assert logged(log)["slow"][1][-1] < unread
    assert logged(log).keys() == {"slow", "quick"}


def test_a_client_that_goes_away_ends_no_other_stream(server: tuple[str, int], log: Path) -> None:
    with socket.create_connection(server) as staying:
        with socket.create_connection(server) as leaving:
            ask(leaving, "leaving")
            leaving.recv(1)
            ask(staying, "staying")
        list(pieces(staying))
    assert logged(log).keys() == {"staying"}


@pytest.mark.parametrize(("header", "name"), [(b"X-Request-ID: seven\r\n", "seven"), (b"", "a question")])
def test_an_answer_is_logged_under_the_requests_id_or_its_prompt(
    server: tuple[str, int], log: Path, header: bytes, name: str
) -> None:
    with socket.create_connection(server) as client:
        ask(client, "a question", header=header)
        list(pieces(client))
    assert logged(log).keys() == {name}


def test_a_connection_serves_several_requests(server: tuple[str, int], log: Path) -> None:
    with socket.create_connection(server) as client:
        for path in (OLLAMA, OPENAI):
            ask(client, path.decode(), path)
            list(pieces(client))
    assert [len(writes) for _, writes in logged(log).values()] == [TOKENS, TOKENS]


def test_any_other_path_is_answered_as_healthy(server: tuple[str, int]) -> None:
    with socket.create_connection(server) as client:
        client.sendall(b"GET /health HTTP/1.1\r\n\r\n")
        assert client.recv(1 << 16).startswith(b"HTTP/1.1 200 ")
