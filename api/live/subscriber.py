"""WebSocket endpoints that send messages until the client leaves or the process stops."""

import contextlib
import logging
from collections import deque
from collections.abc import Callable

from flask import Blueprint, request
from flask_sock import Sock
from simple_websocket import ConnectionClosed, Server  # type: ignore[import-untyped] # it has no types

from api.http.requests.malformed import INTERNAL_MESSAGE
from api.live.websocket import handshake
from api.live.websocket.hub import Hub, Subscriber
from api.live.websocket.socket import UNREAD_S, SafeSocket
from api.monitoring.http_metrics import CLIENTS

INTERNAL_ERROR = 1011

logger = logging.getLogger(__name__)


def route(resource: Blueprint, path: str) -> Callable[[Callable[[Server], None]], None]:
    """Declare a WebSocket. The resource's `before_request` must refuse wrong requests before."""
    resource.before_request(handshake.check)

    def declare(handler: Callable[[Server], None]) -> None:
        Sock().route(path, bp=resource, endpoint=handler.__name__)(handler)

    return declare


def serve(ws: Server, hub: Hub, subscriber: Subscriber, kind: str) -> None:
    """Serve a client until it leaves or the server stops. `kind` is its label in the metrics."""
    ws.input_buffer = deque(maxlen=0)  # clients have nothing to send, and their messages must not pile up
    client = WebSocketClient(ws, subscriber)
    with CLIENTS.labels(kind).track_inprogress(), hub.subscription(subscriber):
        try:
            client.relay()
            ws.close(*subscriber.close_reason)
        except TimeoutError:
            message = "the client at %s did not read its WebSocket for %g s, so the connection was closed"
            logger.warning(message, request.remote_addr, UNREAD_S)
        except (ConnectionClosed, OSError):
            pass  # the client has left
        except Exception:  # an exception in a handler would be written into the socket as an HTTP response
            logger.exception("a WebSocket failed")
            with contextlib.suppress(ConnectionClosed, OSError):
                ws.close(INTERNAL_ERROR, INTERNAL_MESSAGE)


class WebSocketClient:
    """Sender of a subscriber's messages. The hub sends what the socket takes at once, and the handler the rest."""

    def __init__(self, ws: Server, subscriber: Subscriber) -> None:
        self._ws = ws
        self._socket: SafeSocket = ws.sock
        self._subscriber = subscriber
        self._socket.on_close = subscriber.wake.set
        subscriber.push = self._push

    def relay(self) -> None:
        """Send messages in the handler, until the client leaves or the subscriber is closing."""
        subscriber = self._subscriber
        try:
            while self._ws.connected and not subscriber.closing:
                subscriber.wake.clear()
                for frame in subscriber.backlog():
                    self._socket.send(frame)
                if self._socket.send_available(subscriber.next_frame):
                    subscriber.wake.wait()
                else:
                    self._socket.wait()
        finally:
            subscriber.closing = True  # no frame may follow the close frame

    def _push(self) -> None:
        """Send messages in the hub. If the client has left, only the handler notices it."""
        if not self._ws.connected or self._subscriber.closing:
            return
        sent_all = False
        with contextlib.suppress(OSError):
            sent_all = self._socket.send_available(self._subscriber.next_frame)
        if not sent_all:
            self._subscriber.wake.set()
