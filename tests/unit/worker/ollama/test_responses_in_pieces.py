"""The parsed answer does not depend on its framing or on the pieces in which it is read."""

import json
import socket
from collections.abc import Iterator
from dataclasses import replace
from itertools import count, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.ollama.client import Ollama
from worker.ollama.client import Driver, Request
from worker.ollama.responses import Generation, read_stream
from worker.ollama.timing.socket import KERNEL, Piece, StampedConnection, StampedSocket

REQUEST = Request("tiny:latest", "1 a prompt", 16, 512)
LAST = {"response": "", "done": True, "done_reason": "length", "total_duration": 9, "eval_count": 2}
CUTS = st.lists(st.integers(0, 5000), max_size=40)
TEXTS = st.lists(st.text(max_size=8), max_size=12)
FRAMINGS = ["chunked", "trailers", "length", "close"]


class Scripted(StampedSocket):
    """A socket that returns given pieces with rising time stamps, then the end of the connection."""

    def __init__(self, pieces: list[bytes]) -> None:
        ours, self.server = socket.socketpair()
        super().__init__(ours)
        self.numbers = count(1)
        self.pieces = iter(pieces)
        self._by_kernel = False  # a socket pair has no kernel time stamps

    def receive(self) -> Piece:
        return Piece(next(self.pieces, b""), self.sent_ns + next(self.numbers), KERNEL)

    def close(self) -> None:
        self.server.close()
        super().close()


def cut(text: bytes, cuts: list[int]) -> list[bytes]:
    """Return the pieces without empty ones, which no read returns."""
    edges = sorted({0, len(text), *(cut % (len(text) + 1) for cut in cuts)})
    return [text[start:end] for start, end in pairwise(edges)]


def lines_of(texts: list[str]) -> list[bytes]:
    return [json.dumps(line).encode() + b"\n" for line in [*({"response": text} for text in texts), LAST]]


def framed(body: bytes, framing: str, cuts: list[int]) -> bytes:
    """Return the whole answer. A chunked one is cut at `cuts`."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\n"
    if framing == "length":
        return head + b"Content-Length: %d\r\n\r\n" % len(body) + body
    if framing == "close":
        return head + b"Connection: close\r\n\r\n" + body
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in cut(body, cuts))
    trailers = b"X-Trailer: sent late\r\n" if framing == "trailers" else b""
    return head + b"Transfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n" + trailers + b"\r\n"


def driven(pieces: list[bytes]) -> Generation:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(StampedConnection, "_new_conn", lambda _: Scripted(pieces))
        driver = Driver(Ollama("http://127.0.0.1:1"))
        try:
            return driver.generate(REQUEST)
        finally:
            driver.http.close()


@pytest.mark.parametrize("framing", FRAMINGS)
@given(texts=TEXTS, chunks=CUTS, cuts=CUTS)
def test_the_answer_does_not_depend_on_framing_and_pieces(
    framing: str, texts: list[str], chunks: list[int], cuts: list[int]
) -> None:
    body = b"".join(lines_of(texts))
    found = driven(cut(framed(body, framing, chunks), cuts))
    expected = read_stream(enumerate(lines_of(texts)))
    assert replace(found, content_ns=(), done_ns=0, clock="", jump_ns=0, sent_ns=0) == replace(
        expected, content_ns=(), done_ns=0, clock="", jump_ns=0, sent_ns=0
    )
    assert len(found.content_ns) == len(expected.content_ns)
    stamps = [*found.content_ns, found.done_ns]
    assert stamps == sorted(stamps)
    assert stamps[0] > 0


def pieces_with_their_lines(texts: list[str]) -> Iterator[bytes]:
    for line in lines_of(texts):
        yield b"%x\r\n%s\r\n" % (len(line), line)
    yield b"0\r\n\r\n"


@given(texts=st.lists(st.text(min_size=1, max_size=8), max_size=12))
def test_each_line_has_the_time_stamp_of_its_last_piece(texts: list[str]) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    found = driven([head, *pieces_with_their_lines(texts)])
    assert found.content_ns == tuple(range(2, 2 + len(texts)))
    assert found.done_ns == 2 + len(texts)
