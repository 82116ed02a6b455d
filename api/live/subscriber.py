"""WebSockets that send what happens, until the client leaves or the process stops."""

import contextlib
import logging
from collections import deque
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from flask_sock import Sock
from marshmallow import Schema
from simple_websocket import ConnectionClosed, Server  # type: ignore[import-untyped] # it has no types

from api.http.openapi import Resource
from api.monitoring.http_metrics import CLIENTS
from api.websocket import handshake
from api.websocket.hub import Hub, Subscriber
from api.websocket.socket import SafeSocket

GOING_AWAY, BROKEN = 1001, 1011
FAILURES = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.UPGRADE_REQUIRED,
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
KEYS = (
    " Browsers offer the subprotocols `gait` and `gait.key.` with the key behind it in URL-safe base64 without padding."
)

logger = logging.getLogger(__name__)


def route(  # noqa: PLR0913 - what a route takes and gives
    resource: Resource,
    path: str,
    *,
    summary: str,
    description: str,
    query: type[Schema],
    failures: tuple[HTTPStatus, ...] = (),
) -> Callable[[Callable[[Server], None]], None]:
    """Declare a WebSocket: what is wrong with a request is to be found before, by the resource's `before_request`."""
    responses = {str(int(status)): status.name for status in FAILURES + failures}
    documentation: dict[str, Any] = {
        "summary": summary,
        "description": description + KEYS,
        "parameters": [{"in": "query", "schema": query}],
        "responses": {"101": {"description": "The connection is a WebSocket from here on."}, **responses},
    }

    resource.before_request(handshake.check)

    def declare(handler: Callable[[Server], None]) -> None:
        Sock().route(path, bp=resource, endpoint=handler.__name__)(resource.doc(**documentation)(handler))

    return declare


def serve(ws: Server, hub: Hub, watcher: Subscriber, kind: str) -> None:
    """A client's whole life; `kind` is what operators see it counted under."""
    ws.input_buffer = deque(maxlen=0)  # clients have nothing to say, and what they say must not pile up
    client = Client(ws, watcher)
    with CLIENTS.labels(kind).track_inprogress(), hub.watched_by(watcher):
        try:
            client.relay()
            ws.close(GOING_AWAY, "the server stops; connect again")
        except (ConnectionClosed, OSError):
            pass  # the client has left
        except Exception:  # what leaves a handler would be written into the socket as an HTTP answer
            logger.exception("a WebSocket failed")
            with contextlib.suppress(ConnectionClosed, OSError):
                ws.close(BROKEN, "an error of ours; the log of the API has it")


class Client:
    """Brings what a watcher has to its WebSocket: the hub what the socket takes at once, the handler the rest."""

    def __init__(self, ws: Server, watcher: Subscriber) -> None:
        self._ws = ws
        self._line: SafeSocket = ws.sock
        self._watcher = watcher
        self._line.on_close = watcher.wake.set
        watcher.push = self._push

    def relay(self) -> None:
        """The handler's work, until the client leaves or the watcher is to close."""
        watcher = self._watcher
        try:
            while self._ws.connected and not watcher.closing:
                watcher.wake.clear()
                for frame in watcher.missed():
                    self._line.send(frame)
                if self._line.send_available(watcher.due):
                    watcher.wake.wait()
                else:
                    self._line.wait()
        finally:
            watcher.closing = True  # nothing may follow the close frame

    def _push(self) -> None:
        """The hub's part. It hears nothing of a client that has left: the handler finds out."""
        if not self._ws.connected or self._watcher.closing:
            return
        flows = False
        with contextlib.suppress(OSError):
            flows = self._line.send_available(self._watcher.due)
        if not flows:
            self._watcher.wake.set()
