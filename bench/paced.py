"""A server that streams at a known pace, in a process of its own, and notes when it really wrote.

Its notes are the truth that clients are held against: when the request's last byte arrived, by the kernel's stamp, and
when each token was written. Tokens are due at absolute times, so that a late one delays no other. One thread serves all
streams; it speaks Ollama's /api/generate and OpenAI's /v1/chat/completions, as far as benchmarks need them.
"""

import heapq
import json
import selectors
import socket
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from worker.stopwatch import StampedSocket

FIRST_NS = 50_000_000
NEXT_NS = 5_000_000
SPIN_NS = 200_000
"""A selector wakes up late by as much; the rest of the wait is spent looking at the clock."""
WORD = "word "


@dataclass
class Stream:
    """One connection. `request` is what has arrived of the request in hand, `writes_ns` when each token was written."""

    sock: StampedSocket
    request: bytearray = field(default_factory=bytearray)
    tokens: int = 0
    openai: bool = False
    arrived_ns: int = 0
    writes_ns: list[int] = field(default_factory=list)

    def read(self) -> bool:
        """Whether the connection is still open."""
        piece = bytearray(1 << 16)
        count = self.sock.recv_into(piece)
        self.request += piece[:count]
        self.arrived_ns = self.sock.arrived_ns
        return count > 0

    def is_asked(self) -> bool:
        head, separator, body = bytes(self.request).partition(b"\r\n\r\n")
        lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        return bool(separator) and len(body) >= int(lengths[0].split(b":")[1] if lengths else 0)

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
        stream = Stream(StampedSocket.taking(opened))
        self.selector.register(stream.sock, selectors.EVENT_READ, stream)

    def _receive(self, stream: Stream) -> None:
        if not stream.read():
            self.selector.unregister(stream.sock)
            stream.sock.close()
        elif stream.is_asked():
            self._answer(stream)

    def _answer(self, stream: Stream) -> None:
        head, _, body = bytes(stream.request).partition(b"\r\n\r\n")
        stream.request.clear()
        path = head.split(b" ", 2)[1]
        if path in (b"/api/generate", b"/v1/chat/completions", b"/v1/completions"):
            self._begin(stream, path, json.loads(body))
        else:
            models = {"object": "list", "data": [{"id": "paced", "object": "model"}], "status": "ok"}
            _send_json(stream, models)

    def _begin(self, stream: Stream, path: bytes, asked: dict[str, object]) -> None:
        stream.openai = path.startswith(b"/v1")
        options = asked.get("options")
        wanted = options["num_predict"] if isinstance(options, dict) else None
        stream.tokens = int(str(wanted or asked.get("max_completion_tokens") or asked.get("max_tokens") or 100))
        stream.writes_ns = []
        kind = b"text/event-stream" if stream.openai else b"application/x-ndjson"
        stream.sock.send(b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nTransfer-Encoding: chunked\r\n\r\n" % kind)
        heapq.heappush(self.due, (stream.arrived_ns + FIRST_NS, id(stream), stream))

    def _write(self, due_ns: int, number: int, stream: Stream) -> None:
        payload = _token(stream)
        stream.writes_ns.append(time.time_ns())
        stream.chunk(payload)
        if len(stream.writes_ns) < stream.tokens:
            heapq.heappush(self.due, (due_ns + NEXT_NS, number, stream))
        else:
            self._end(stream)

    def _end(self, stream: Stream) -> None:
        stream.chunk(_last(stream))
        stream.sock.send(b"0\r\n\r\n")
        self.notes.write(json.dumps({"arrived": stream.arrived_ns, "writes": stream.writes_ns}) + "\n")


def _token(stream: Stream) -> bytes:
    if not stream.openai:
        return b'{"model":"paced","response":"%s","done":false}\n' % WORD.encode()
    delta = {"id": "1", "object": "chat.completion.chunk", "model": "paced", "created": 1}
    choice = {"index": 0, "delta": {"role": "assistant", "content": WORD}, "text": WORD, "finish_reason": None}
    return f"data: {json.dumps({**delta, 'choices': [choice]})}\n\n".encode()


def _last(stream: Stream) -> bytes:
    if not stream.openai:
        spans = {"eval_duration": stream.writes_ns[-1] - stream.writes_ns[0], "eval_count": stream.tokens}
        spans |= {"prompt_eval_count": 10, "prompt_eval_duration": FIRST_NS, "load_duration": 0}
        spans |= {"total_duration": stream.writes_ns[-1] - stream.arrived_ns}
        line = {"model": "paced", "response": "", "done": True, "done_reason": "length", **spans}
        return json.dumps(line).encode() + b"\n"
    usage = {"prompt_tokens": 10, "completion_tokens": stream.tokens, "total_tokens": 10 + stream.tokens}
    choice = {"index": 0, "delta": {}, "text": "", "finish_reason": "length"}
    final = {"id": "1", "object": "chat.completion.chunk", "model": "paced", "created": 1, "choices": [choice]}
    return f"data: {json.dumps({**final, 'usage': usage})}\n\ndata: [DONE]\n\n".encode()


def _send_json(stream: Stream, body: object) -> None:
    text = json.dumps(body).encode()
    stream.sock.send(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(text) + text
    )


if __name__ == "__main__":
    PacedServer(int(sys.argv[1]), Path(sys.argv[2])).serve()
