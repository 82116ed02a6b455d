"""A server that streams at a known pace, in its own process, and logs when it really wrote.

Clients are compared with its log: when the last byte of a request arrived, by the kernel, and when each token was
written. Tokens are due at absolute times, so a late one does not delay the others. One thread serves all streams. It
speaks Ollama's /api/generate and OpenAI's /v1/completions, as far as benchmarks need them. Nothing here comes from the
product.
"""

import heapq
import json
import selectors
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from bench.fidelity.stream import OLLAMA, OPENAI, Stream

FIRST_NS = 50_000_000
NEXT_NS = 5_000_000
SPIN_NS = 200_000
"""A selector wakes up late by about this much. The server spends the rest of a wait reading the clock."""
SEND_BUFFER = 1 << 20
"""A whole answer fits, so a client that reads slowly does not delay the others."""


class ReferenceServer:
    def __init__(self, port: int, log: Path) -> None:
        self.listener = socket.create_server(("127.0.0.1", port), backlog=1024)
        self.listener.setblocking(False)  # noqa: FBT003 - the standard library's signature
        self.log = log.open("w", buffering=1)
        self.due: list[tuple[int, int, Stream]] = []
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.listener, selectors.EVENT_READ)

    def serve(self) -> None:
        while True:
            for key, _ in self.selector.select(self._pause_s()):
                self._accept() if key.fileobj is self.listener else self._receive(key.data)
            while self.due and self.due[0][0] <= time.time_ns():
                self._write(*heapq.heappop(self.due))

    def _pause_s(self) -> float | None:
        if not self.due:
            return None
        return max(0, self.due[0][0] - time.time_ns() - SPIN_NS) / 1e9

    def _accept(self) -> None:
        connection, _ = self.listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        self.selector.register(connection, selectors.EVENT_READ, Stream(connection))

    def _receive(self, stream: Stream) -> None:
        if not stream.read():
            self._close(stream)
        elif stream.is_complete():
            self._answer(stream)

    def _answer(self, stream: Stream) -> None:
        """Begin a stream. Any other path asks for the server's health or models."""
        head, _, body = bytes(stream.request).partition(b"\r\n\r\n")
        stream.request.clear()
        if head.split(b" ", 2)[1] in (OLLAMA, OPENAI):
            stream.begin(head, json.loads(body))
            heapq.heappush(self.due, (stream.arrived_ns + FIRST_NS, id(stream), stream))
        else:
            stream.send_health()

    def _write(self, due_ns: int, number: int, stream: Stream) -> None:
        try:
            stream.writes_ns.append(time.time_ns())
            stream.send_token()
            if len(stream.writes_ns) < stream.tokens:
                heapq.heappush(self.due, (due_ns + NEXT_NS, number, stream))
            else:
                self._end(stream)
        except OSError:  # the client has gone
            self._close(stream)

    def _end(self, stream: Stream) -> None:
        """Log the answer before its end is sent, so that a client with a whole answer finds it in the log."""
        entry = {"name": stream.name, "arrived": stream.arrived_ns, "writes": stream.writes_ns}
        self.log.write(json.dumps(entry) + "\n")
        stream.send_end()

    def _close(self, stream: Stream) -> None:
        if stream.connection.fileno() >= 0:
            self.selector.unregister(stream.connection)
            stream.connection.close()


def read_log(log: Path) -> Iterator[tuple[str, int, list[int]]]:
    """Yield each answer's name, when its request had arrived, and when each of its tokens was written, in ns."""
    for line in log.read_text().splitlines():
        entry = json.loads(line)
        yield entry["name"], entry["arrived"], entry["writes"]


if __name__ == "__main__":
    ReferenceServer(int(sys.argv[1]), Path(sys.argv[2])).serve()
