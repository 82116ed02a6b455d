"""A real HTTP server that keeps the requests it gets, and answers as a test says."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson


@dataclass
class HttpReceiver:
    """`answers` are the statuses of the next answers, after which all are 204. `hold` is waited for before each."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    location: str = ""
    hold: threading.Event | None = None
    requests: list[tuple[Message, bytes]] = field(default_factory=list)

    @property
    def events(self) -> list[dict[str, Any]]:
        """The bodies of all requests, in their order."""
        return [orjson.loads(body) for _, body in self.requests]


@contextmanager
def http_receiver() -> Iterator[HttpReceiver]:
    """Yield a server on this machine's loopback."""
    receiver = HttpReceiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.requests.append((self.headers, body))
            if receiver.hold:
                receiver.hold.wait(30)
            self.send_response(receiver.answers.pop(0) if receiver.answers else 204)
            if receiver.location:
                self.send_header("Location", receiver.location)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Not into the tests' output."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver.url = f"http://127.0.0.1:{server.server_address[1]}/hook?token=t0ken"
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield receiver
        if receiver.hold:
            receiver.hold.set()
        server.shutdown()
