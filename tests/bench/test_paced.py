import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.fidelity import paced_server
from bench.paced import FIRST_NS, NEXT_NS, OLLAMA, OPENAI, read_notes
from testbed.waiting import until

TOKENS = 20
Note = tuple[int, list[int]]


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    return tmp_path / "notes"


@pytest.fixture
def server(notes: Path) -> Iterator[tuple[str, int]]:
    """Its address, for sockets."""
    with paced_server(notes) as url:
        yield "127.0.0.1", int(url.rpartition(":")[2])


def ask(client: socket.socket, prompt: str, path: bytes = OLLAMA, header: bytes = b"") -> None:
    body = json.dumps({"prompt": prompt, "options": {"num_predict": TOKENS}}).encode()
    client.sendall(b"POST %s HTTP/1.1\r\n%sContent-Length: %d\r\n\r\n%s" % (path, header, len(body), body))


def pieces(client: socket.socket) -> Iterator[tuple[int, bytes]]:
    """What each read gave, and when, to the answer's end."""
    read = b""
    while not read.endswith(b"0\r\n\r\n"):
        piece = client.recv(1 << 16)
        yield time.time_ns(), piece
        read += piece


def noted(notes: Path) -> dict[str, Note]:
    return {name: (arrived, writes) for name, arrived, writes in read_notes(notes)}


def test_the_notes_are_what_a_socket_saw(server: tuple[str, int], notes: Path) -> None:
    with socket.create_connection(server) as client:
        before = time.time_ns()
        ask(client, "a question")
        seen = list(pieces(client))
    arrived, writes = noted(notes)["a question"]
    assert before <= arrived <= seen[0][0]
    assert len(writes) == TOKENS
    assert b"".join(piece for _, piece in seen).count(b'"word ') == TOKENS
    arrivals = [stamp for stamp, piece in seen for _ in range(piece.count(b'"word '))]
    assert all(written <= stamp for written, stamp in zip(writes, arrivals, strict=True))


def test_no_token_is_written_before_it_is_due(server: tuple[str, int], notes: Path) -> None:
    with socket.create_connection(server) as client:
        ask(client, "a question")
        list(pieces(client))
    arrived, writes = noted(notes)["a question"]
    assert all(written >= arrived + FIRST_NS + token * NEXT_NS for token, written in enumerate(writes))


def test_a_client_that_reads_late_changes_no_note(server: tuple[str, int], notes: Path) -> None:
    with socket.create_connection(server) as slow, socket.create_connection(server) as quick:
        ask(slow, "slow")
        ask(quick, "quick")
        list(pieces(quick))
        until(lambda: "slow" in noted(notes), "the note of the answer that nobody reads")
        unread = time.time_ns()
        list(pieces(slow))
    assert noted(notes)["slow"][1][-1] < unread
    assert noted(notes).keys() == {"slow", "quick"}


def test_a_client_that_goes_away_ends_no_other_stream(server: tuple[str, int], notes: Path) -> None:
    with socket.create_connection(server) as staying:
        with socket.create_connection(server) as leaving:
            ask(leaving, "leaving")
            leaving.recv(1)
            ask(staying, "staying")
        list(pieces(staying))
    assert noted(notes).keys() == {"staying"}


@pytest.mark.parametrize(("header", "name"), [(b"X-Request-ID: seven\r\n", "seven"), (b"", "a question")])
def test_an_answer_is_noted_under_the_requests_id_or_its_prompt(
    server: tuple[str, int], notes: Path, header: bytes, name: str
) -> None:
    with socket.create_connection(server) as client:
        ask(client, "a question", header=header)
        list(pieces(client))
    assert noted(notes).keys() == {name}


def test_a_connection_serves_one_request_after_the_other(server: tuple[str, int], notes: Path) -> None:
    with socket.create_connection(server) as client:
        for path in (OLLAMA, OPENAI):
            ask(client, path.decode(), path)
            list(pieces(client))
    assert [len(writes) for _, writes in noted(notes).values()] == [TOKENS, TOKENS]


def test_any_other_path_is_answered_as_healthy(server: tuple[str, int]) -> None:
    with socket.create_connection(server) as client:
        client.sendall(b"GET /health HTTP/1.1\r\n\r\n")
        assert client.recv(1 << 16).startswith(b"HTTP/1.1 200 ")
