"""What lies between gunicorn's socket and simple-websocket."""

import socket
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

UNREAD_MS = 8000
"""A peer that takes nothing for so long is gone."""

OPTIONS = {"ping_interval": 25, "max_message_size": 4096, "subprotocols": ["gait"]}
"""Silent peers are closed after twice the interval; clients have nothing to say."""


class WholeSends:
    """A socket whose `send` sends all: simple-websocket takes a partial send for a whole one, and its pings write
    beside its messages; either corrupts frames.
    """

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._lock = threading.Lock()

    def send(self, data: bytes) -> int:
        with self._lock:
            self._sock.sendall(data)
        return len(data)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a socket has
        return getattr(self._sock, name)


class SoundSockets:
    """WSGI middleware that prepares the sockets of upgrade requests."""

    def __init__(self, app: "WSGIApplication") -> None:
        self._app = app

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        sock = environ.get("gunicorn.socket")
        if sock is not None and environ.get("HTTP_UPGRADE", "").lower() == "websocket":
            _limit_unread(sock)
            environ["gunicorn.socket"] = WholeSends(sock)
            # Compression would cost 180 KiB a client for messages of 300 bytes.
            environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)
        return self._app(environ, start_response)


def _limit_unread(sock: socket.socket) -> None:
    option = getattr(socket, "TCP_USER_TIMEOUT", None)  # Linux alone has it
    if option is not None and sock.family in (socket.AF_INET, socket.AF_INET6):
        sock.setsockopt(socket.IPPROTO_TCP, option, UNREAD_MS)
