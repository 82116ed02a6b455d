"""Answers in one piece or in chunks, with the faults of their scripts."""

import contextlib
import select
import ssl
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from json import dumps
from typing import Any, NoReturn

from testbed.ollama_double.scripts import Script
from testbed.ollama_double.server import Server, shut

POLL_S = 0.01
JSON, LINES = "application/json; charset=utf-8", "application/x-ndjson"
TOKENS = b'{"response":" w","done":false}\n' * 2000
GIGABYTE = 1 << 30
FLOODS = {
    "endless": b"10000\r\n" + b"x" * 65_536 + b"\r\n",
    "tokens": b"%x\r\n%s\r\n" % (len(TOKENS), TOKENS),
    "specks": b"1\r\nx\r\n" * 10_000,
}


class ClientLeft(Exception):
    """Raised when the client closed the connection."""


class Framing(BaseHTTPRequestHandler):
    """A handler that sends answers, with the faults of a script."""

    server: Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_: object) -> None:
        """Log nothing, because the simulation records requests."""

    def handle(self) -> None:
        with contextlib.suppress(ConnectionError, ssl.SSLError, ClientLeft):  # the client closed the connection
            super().handle()

    def json(self, body: dict[str, Any], status: int = HTTPStatus.OK) -> None:
        self.send(dumps(body).encode(), status, JSON)

    def send(self, content: bytes, status: int, content_type: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def begin(self, content_type: str) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", content_type)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def chunk(self, content: bytes) -> None:
        self._write(b"%x\r\n%s\r\n" % (len(content), content))

    def _write(self, content: bytes) -> None:
        try:
            self.wfile.write(content)
        except (ConnectionError, ssl.SSLError) as error:
            self.close_connection = True
            raise ClientLeft from error

    def end(self) -> None:
        self._write(b"0\r\n\r\n")

    def misbehave(self, script: Script) -> bool:
        """Do what the script says, and return whether the answer goes on."""
        match script.then:
            case bytes(content):
                return self._insert(content, script)
            case "hang" | "trickle":
                self._stall(script)
                return True
            case "endless" | "tokens" | "specks" | "gigabyte":
                self._flood(script.then)
            case "end":
                self.end()
            case "cut":
                self._cut()
        return False

    def _insert(self, content: bytes, script: Script) -> bool:
        if content and script.at is not None:
            self.chunk(content)
        elif content:
            self.close_connection = True
            self._write(content)
        return not content or script.at is not None

    def _cut(self) -> None:
        self.close_connection = True
        shut(self.connection)

    def _stall(self, script: Script) -> None:
        """Send nothing, or single bytes, until `release`. In a head, one field never ends."""
        if script.then == "trickle" and script.at is None:
            self._write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not self.server.simulation.released.wait(POLL_S):
            readable, _, _ = select.select([self.connection], [], [], 0)
            if readable and not self.connection.recv(1):
                raise ClientLeft
            if script.then == "trickle" and script.at is None:
                self._write(b"x")
            elif script.then == "trickle":
                self.chunk(b" ")

    def _flood(self, kind: str) -> NoReturn:
        if kind == "gigabyte":
            self._write(b"%x\r\n" % GIGABYTE)
            while True:
                self._write(b"x" * 65_536)
        while True:
            self._write(FLOODS[kind])
