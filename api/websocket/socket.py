"""What lies between gunicorn's socket and simple-websocket."""

import select
import socket
import threading
from collections import deque
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from wsproto.frame_protocol import FrameProtocol

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

UNREAD_MS = 8000
"""A peer that takes nothing for so long is gone."""

UNREAD_BYTES = 65_536
"""What the kernel keeps for a peer that reads slowly; left alone it would grow to megabytes."""

WAIT_MS = 1000
"""Whoever waits for a socket looks this often whether it is still open."""

OPTIONS = {"ping_interval": 25, "max_message_size": 4096, "subprotocols": ["gait"]}
"""Silent peers are closed after twice the interval; clients have nothing to say."""


def frame(text: str) -> bytes:
    """A message as a server sends it. Nothing in it is the client's own, so that it is the same for all of them."""
    return bytes(FrameProtocol(client=False, extensions=[]).send_data(text))


class SafeSocket:
    """The only way into a WebSocket's socket, a gevent one: frames leave it whole, one after the other.

    A socket may take a part of what it is given. simple-websocket takes that for the whole, and its pings write beside
    its messages; either corrupts frames. Here what is left of a frame is kept, whoever began it, and until it has gone
    nothing else is sent.
    """

    def __init__(self, sock: Any) -> None:  # noqa: ANN401 - gevent's, which has no types
        self._sock = sock
        self._rest = b""
        self._urgent: deque[bytes] = deque()
        self._lock = threading.Lock()  # never held while anybody waits
        self.on_close: Callable[[], object] = bool

    def send_available(self, source: Callable[[], bytes | None]) -> bool:
        """Send frames until `source` has none left (True) or the socket takes no more for now (False). Never waits.

        Raises:
            OSError: when the peer has gone.
        """
        with self._lock:
            while self._rest or self._begin(source):
                try:
                    sent = self._sock.send(self._rest, 0, 0.0)  # gevent's third: how long it may wait
                except BlockingIOError:
                    return False
                self._rest = self._rest[sent:]
        return True

    def _begin(self, source: Callable[[], bytes | None]) -> bytes | None:
        self._rest = self._urgent.popleft() if self._urgent else source() or b""
        return self._rest

    def send(self, data: bytes) -> int:
        """Send whole frames before any other that has not begun, and wait until they have gone."""
        self._urgent.append(bytes(data))
        while not self.send_available(lambda: None):
            self.wait()
        return len(data)

    def wait(self) -> None:
        """Until the socket takes something again, or a moment."""
        writable = select.poll()
        writable.register(self._sock, select.POLLOUT)
        writable.poll(WAIT_MS)

    def close(self) -> None:
        self._sock.close()
        self.on_close()

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
            environ["gunicorn.socket"] = SafeSocket(sock)
            # Compression would cost 180 KiB a client for messages of 300 bytes.
            environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)
        return self._app(environ, start_response)


def _limit_unread(sock: socket.socket) -> None:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, UNREAD_BYTES)
    option = getattr(socket, "TCP_USER_TIMEOUT", None)  # Linux alone has it
    if option is not None and sock.family in (socket.AF_INET, socket.AF_INET6):
        sock.setsockopt(socket.IPPROTO_TCP, option, UNREAD_MS)
