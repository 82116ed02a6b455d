"""A server that streams at a known pace, in a process of its own, and notes when it really wrote.

Its notes are the truth that clients are held against: when the request's last byte arrived, by the kernel's stamp, and
when each token was written. Tokens are due at absolute times, so that a late one delays no other. One thread serves all
streams; it speaks Ollama's /api/generate and OpenAI's /v1/completions, as far as benchmarks need them.
"""

import heapq
import json
import selectors
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from worker.ollama.timing.socket import StampedSocket

FIRST_NS = 50_000_000
NEXT_NS = 5_000_000
SPIN_NS = 200_000
"""A selector wakes up late by as much; the rest of the wait is spent looking at the clock."""
SEND_BUFFER = 1 << 20
"""A whole answer fits, so that a client that reads slowly holds up nobody."""
OPENAI = b"/v1/completions"
OLLAMA = b"/api/generate"


@dataclass
class Stream:
    """One connection. `request` is what has arrived of the request in hand, `name` what the answer is noted under,
    `writes_ns` when each token was written.
    """

    sock: StampedSocket
    request: bytearray = field(default_factory=bytearray)
    name: str = ""
    tokens: int = 0
    openai: bool = False
    token: bytes = b""
    arrived_ns: int = 0
    writes_ns: list[int] = field(default_factory=list)

    def read(self) -> bool:
        """Whether the connection is still open."""
        try:
            piece = self.sock.receive()
        except OSError:
            return False
        self.request += piece.data
        self.arrived_ns = piece.arrived_ns
        return bool(piece.data)

    def is_asked(self) -> bool:
        head, separator, body = bytes(self.request).partition(b"\r\n\r\n")
        return bool(separator) and len(body) >= int(_header(head, b"content-length") or 0)

    def begin(self, head: bytes, asked: dict[str, object]) -> None:
        """Each answer is noted under the request's X-Request-ID or, where it has none, under its prompt."""
        self.openai = head.startswith(b"POST " + OPENAI)
        self.name = _header(head, b"x-request-id").decode() or str(asked["prompt"])
        self.tokens = _tokens(asked)
        self.writes_ns = []
        self.token = _openai_token("word ") if self.openai else _line({"response": "word ", "done": False})

    def chunk(self, payload: bytes) -> None:
        self.sock.send(b"%x\r\n%s\r\n" % (len(payload), payload))


class PacedServer:
    def __init__(self, port: int, notes: Path) -> None:
        self.listener = socket.create_server(("127.0.0.1", port), backlog=1024)
        self.listener.setblocking(False)  # noqa: FBT003 - the standard library's signature
        self.notes = notes.open("w", buffering=1)
        self.due: list[tuple[int, int, Stream]] = []
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.listener, selectors.EVENT_READ)

    def serve(self) -> None:
        while True:
            for key, _ in self.selector.select(self._pause()):
                self._accept() if key.fileobj is self.listener else self._receive(key.data)
            while self.due and self.due[0][0] <= time.time_ns():
                self._write(*heapq.heappop(self.due))

    def _pause(self) -> float | None:
        if not self.due:
            return None
        return max(0, self.due[0][0] - time.time_ns() - SPIN_NS) / 1e9

    def _accept(self) -> None:
        opened, _ = self.listener.accept()
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        stream = Stream(StampedSocket(opened))
        self.selector.register(stream.sock, selectors.EVENT_READ, stream)

    def _receive(self, stream: Stream) -> None:
        if not stream.read():
            self._close(stream)
        elif stream.is_asked():
            self._answer(stream)

    def _answer(self, stream: Stream) -> None:
        """Any other path is a question after the server's health or its models."""
        head, _, body = bytes(stream.request).partition(b"\r\n\r\n")
        stream.request.clear()
        if head.split(b" ", 2)[1] in (OLLAMA, OPENAI):
            stream.begin(head, json.loads(body))
            kind = b"text/event-stream" if stream.openai else b"application/x-ndjson"
            stream.sock.send(b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nTransfer-Encoding: chunked\r\n\r\n" % kind)
            heapq.heappush(self.due, (stream.arrived_ns + FIRST_NS, id(stream), stream))
        else:
            text = json.dumps({"status": "ok", "object": "list", "data": [{"id": "paced", "object": "model"}]})
            head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(text)
            stream.sock.send(head + text.encode())

    def _write(self, due_ns: int, number: int, stream: Stream) -> None:
        try:
            stream.writes_ns.append(time.time_ns())
            stream.chunk(stream.token)
            if len(stream.writes_ns) < stream.tokens:
                heapq.heappush(self.due, (due_ns + NEXT_NS, number, stream))
            else:
                self._end(stream)
        except OSError:  # the client has gone
            self._close(stream)

    def _end(self, stream: Stream) -> None:
        """The note comes first, so that a client that has read an answer finds its note."""
        note = {"name": stream.name, "arrived": stream.arrived_ns, "writes": stream.writes_ns}
        self.notes.write(json.dumps(note) + "\n")
        stream.chunk(_openai_end(stream) if stream.openai else _ollama_end(stream))
        stream.sock.send(b"0\r\n\r\n")

    def _close(self, stream: Stream) -> None:
        if stream.sock.fileno() >= 0:
            self.selector.unregister(stream.sock)
            stream.sock.close()


def _header(head: bytes, name: bytes) -> bytes:
    """Its value, empty where the head has none."""
    lines = (line.partition(b":") for line in head.split(b"\r\n"))
    return next((value.strip() for key, _, value in lines if key.lower() == name), b"")


def _tokens(asked: dict[str, object]) -> int:
    """How many are asked for, by Ollama's field or OpenAI's."""
    options = asked.get("options")
    return int(str(options["num_predict"] if isinstance(options, dict) else asked["max_tokens"]))


def _line(fields: dict[str, object]) -> bytes:
    return json.dumps({"model": "paced", **fields}).encode() + b"\n"


def _ollama_end(stream: Stream) -> bytes:
    spans = {"eval_duration": stream.writes_ns[-1] - stream.writes_ns[0], "eval_count": stream.tokens}
    spans |= {"prompt_eval_count": 10, "prompt_eval_duration": FIRST_NS, "load_duration": 0}
    spans |= {"total_duration": stream.writes_ns[-1] - stream.arrived_ns}
    return _line({"response": "", "done": True, "done_reason": "length", **spans})


def _openai_token(text: str, finish: str | None = None, usage: dict[str, int] | None = None) -> bytes:
    choice = {"index": 0, "text": text, "finish_reason": finish}
    chunk = {"id": "1", "object": "text_completion", "created": 1, "model": "paced", "choices": [choice]}
    return f"data: {json.dumps(chunk | ({'usage': usage} if usage else {}))}\n\n".encode()


def _openai_end(stream: Stream) -> bytes:
    usage = {"prompt_tokens": 10, "completion_tokens": stream.tokens, "total_tokens": 10 + stream.tokens}
    return _openai_token("", "length", usage) + b"data: [DONE]\n\n"


def read_notes(notes: Path) -> Iterator[tuple[str, int, list[int]]]:
    """The name of each answer, when its request had arrived, and when each of its tokens was written."""
    for line in notes.read_text().splitlines():
        note = json.loads(line)
        yield note["name"], note["arrived"], note["writes"]


if __name__ == "__main__":
    PacedServer(int(sys.argv[1]), Path(sys.argv[2])).serve()
