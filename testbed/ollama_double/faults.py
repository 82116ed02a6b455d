"""The framing of the double's answers, and the faults of its scripts."""

import contextlib
import select
import socket
import ssl
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, NoReturn

from testbed.ollama_double.script import FLOODS, GIGABYTE, Script

if TYPE_CHECKING:
    from testbed.ollama_double.double import OllamaDouble
    from testbed.ollama_double.server import DoubleServer

POLL_S = 0.01


class ClientLeft(Exception):
    """Raised when the client closed the connection."""


class FaultyHandler(BaseHTTPRequestHandler):
    """A handler whose answers can go wrong in all the ways of a script."""

    server: "DoubleServer"
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    @property
    def double(self) -> "OllamaDouble":
        return self.server.double

    def begin(self, content_type: str) -> None:
        """Send the head of a chunked answer."""
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", content_type)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def chunk(self, content: bytes) -> None:
        """Send one chunk."""
        self._write(b"%x\r\n%s\r\n" % (len(content), content))

    def _write(self, content: bytes) -> None:
        try:
            self.wfile.write(content)
        except (ConnectionError, ssl.SSLError) as error:
            self.close_connection = True
            raise ClientLeft from error

    def end(self) -> None:
        """End a chunked answer."""
        self._write(b"0\r\n\r\n")

    # Faults

    def misbehave(self, script: Script) -> bool:
        """Do what the script says. Return whether the answer goes on."""
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
        """Send nothing, or byte by byte, until `release`. In a head, one field never ends."""
        if script.then == "trickle" and script.at is None:
            self._write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not self.double.released.wait(POLL_S):
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


def shut(connection: socket.socket) -> None:
    """Close a connection in both directions, if it is still open."""
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
