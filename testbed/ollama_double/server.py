"""The HTTP server of the double, which can cut its connections as a killed process would."""

import contextlib
import socket
import ssl
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from testbed.ollama_double.simulation import Simulation


class Server(ThreadingHTTPServer):
    """The HTTP server of a simulation, over TLS if it has a certificate."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(
        self, simulation: Simulation, port: int, handler: type[BaseHTTPRequestHandler], certificate: Path | None
    ) -> None:
        super().__init__(("127.0.0.1", port), handler)
        self.simulation = simulation
        self._open: set[socket.socket] = set()
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.socket = context.wrap_socket(self.socket, server_side=True)

    def get_request(self) -> tuple[socket.socket, Any]:
        request, address = super().get_request()
        self._open.add(request)
        self.simulation.connections += 1
        return request, address

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def cut(self) -> None:
        """Cut all connections."""
        for request in list(self._open):
            shut(request)


def shut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
