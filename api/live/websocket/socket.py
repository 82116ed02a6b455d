"""A wrapper of gunicorn's socket for simple-websocket, which keeps frames whole."""

import select
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from wsproto.frame_protocol import FrameProtocol

from api.http.client_socket import forget_unsent

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

UNREAD_S = 8.0
"""A peer that reads nothing for this long has gone."""

LOST_MS = 12_000
"""The kernel's limit for a peer that does not confirm what was sent. It is longer, so that UNREAD_S says why."""

UNREAD_BYTES = 65_536
"""The kernel's buffer for a slow peer, which would otherwise grow to megabytes."""

WAIT_MS = 1000
"""How often a waiting sender checks whether the socket is still open."""

OPTIONS = {"ping_interval": 25, "max_message_size": 4096, "subprotocols": ["gait"]}
"""Silent peers are disconnected after twice the ping interval. Clients have nothing to send, so messages are small."""


def frame(text: str) -> bytes:
    """Return a message as a server's frame, which is the same for all clients."""
    return bytes(FrameProtocol(client=False, extensions=[]).send_data(text))


class Unread(TimeoutError):
    """The peer reads nothing."""


class SafeSocket:
    """The only writer of a WebSocket's gevent socket, which sends frames whole and one after the other.

    A socket may take only a part of a frame. simple-websocket assumes that it took all, and its pings may come between
    the parts of a message, so both corrupt frames. This class keeps the rest of a frame and sends it before anything
    else.
    """

    def __init__(self, sock: Any) -> None:  # noqa: ANN401 - gevent's, which has no types
        self._sock = sock
        self._rest = b""
        self._urgent: deque[bytes] = deque()
        self._lock = threading.Lock()  # never held while waiting
        self._progress_at = 0.0
        self.on_close: Callable[[], object] = bool

    def send_available(self, source: Callable[[], bytes | None]) -> bool:
        """Send frames without waiting, and return True if `source` has none left, or False if the socket is full.

        Raises:
            Unread: if the peer has read nothing for UNREAD_S.
            OSError: if the peer has gone.
        """
        with self._lock:
            while self._rest or self._begin(source):
                try:
                    sent = self._sock.send(self._rest, 0, 0.0)  # gevent's third argument is the timeout
                except BlockingIOError:
                    self._check_progress()
                    return False
                self._rest = self._rest[sent:]
                self._progress_at = time.monotonic()
        return True

    def _check_progress(self) -> None:
        if time.monotonic() - self._progress_at > UNREAD_S:
            forget_unsent(self._sock)
            raise Unread

    def _begin(self, source: Callable[[], bytes | None]) -> bytes | None:
        self._rest = self._urgent.popleft() if self._urgent else source() or b""
        self._progress_at = time.monotonic()
        return self._rest

    def send(self, data: bytes) -> int:
        """Send frames before all others that have not begun, and wait until they are sent."""
        self._urgent.append(bytes(data))
        while not self.send_available(lambda: None):
            self.wait()
        return len(data)

    def wait(self) -> None:
        """Wait until the socket takes data again, but at most WAIT_MS."""
        writable = select.poll()
        writable.register(self._sock, select.POLLOUT)
        writable.poll(WAIT_MS)

    def close(self) -> None:
        self._sock.close()
        self.on_close()

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - any attribute of a socket
        return getattr(self._sock, name)


class SafeSocketMiddleware:
    """WSGI middleware that wraps the sockets of upgrade requests."""

    def __init__(self, app: "WSGIApplication") -> None:
        self._app = app

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        sock = environ.get("gunicorn.socket")
        if sock is not None and environ.get("HTTP_UPGRADE", "").lower() == "websocket":
            _limit_unread(sock)
            environ["gunicorn.socket"] = SafeSocket(sock)
            # Compression would take 180 KiB per client for messages of 300 bytes.
            environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)
        return self._app(environ, start_response)


def _limit_unread(sock: socket.socket) -> None:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, UNREAD_BYTES)
    option = getattr(socket, "TCP_USER_TIMEOUT", None)  # only Linux has it
    if option is not None and sock.family in (socket.AF_INET, socket.AF_INET6):
        sock.setsockopt(socket.IPPROTO_TCP, option, LOST_MS)
