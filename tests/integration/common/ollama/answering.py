"""A server that gives every request the same response, and all requests of the client."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

from common.ollama.client import Ollama

Ask = Callable[[Ollama], object]

REQUESTS: dict[str, Ask] = {
    "version": Ollama.version,
    "models": Ollama.models,
    "loaded": Ollama.loaded,
    "facts": lambda server: server.facts("m"),
}


@contextmanager
def responding(content: bytes, status: int = 200, **headers: str) -> Iterator[Ollama]:
    """Run a server that gives every request the same response."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))  # an unread body would reset the connection
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_GET  # noqa: N815 - http.server's name

        def log_message(self, *_: object) -> None:
            """Keep the log out of the tests' output."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield Ollama(f"http://127.0.0.1:{server.server_address[1]}")
        server.shutdown()
