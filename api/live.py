"""WebSockets that send what happens, until the client leaves or the process stops."""

import contextlib
import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from flask_sock import Sock
from marshmallow import Schema
from simple_websocket import ConnectionClosed, Server  # type: ignore[import-untyped] # it has no types

from api import handshake
from api.hub import Hub, Watcher
from api.instruments import CLIENTS
from api.openapi import Resource

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


def serve(ws: Server, hub: Hub, watcher: Watcher, kind: str) -> None:
    """A client's whole life; `kind` is what operators see it counted under."""
    with CLIENTS.labels(kind).track_inprogress(), hub.watched_by(watcher):
        try:
            _relay(ws, watcher)
            ws.close(GOING_AWAY, "the server stops; connect again")
        except (ConnectionClosed, OSError):
            pass  # the client has left
        except Exception:  # what leaves a handler would be written into the socket as an HTTP answer
            logger.exception("a WebSocket failed")
            with contextlib.suppress(ConnectionClosed, OSError):
                ws.close(BROKEN, "an error of ours; the log of the API has it")


def _relay(ws: Server, watcher: Watcher) -> None:
    while ws.connected and not watcher.closing:
        for text in watcher.due():
            ws.send(text)
        while ws.input_buffer:
            ws.receive()  # clients have nothing to say; what they say must not pile up
