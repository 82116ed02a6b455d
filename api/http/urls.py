"""URLs: where the API is, ids of sessions, slashes, and messages about URLs that lead nowhere."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import UUID

from flask import Flask, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import UUIDConverter
from werkzeug.routing.exceptions import WebsocketMismatch

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

BASE = "/api/v1"
EXAMPLE = "01a209d2-d221-741c-84d0-38c0f996e1b8"
LISTS = {
    "test-sessions": "session",
    "schedules": "schedule",
    "regressions": "regression",
    "webhooks": "webhook",
}
"""What has ids, by the name of its list in URLs."""
SLASHES = re.compile("//+")
IMPLICIT = {"HEAD", "OPTIONS"}
"""Methods that Flask adds."""


class Id(UUIDConverter):
    """An id, in any notation of a UUID. The message for other text says so."""

    regex = "(?!import$)[^/]+"  # `import` is the name of a route
    part_isolating = True

    def to_python(self, value: str) -> UUID:
        return identifier(value)


def identifier(text: str) -> UUID:
    """Return the id that a URL contains, behind the name of its list.

    Raises:
        NotFound: if it is not a UUID.
    """
    try:
        return UUID(text)
    except ValueError:
        before = request.path.partition(f"/{text}")[0].rpartition("/")[2]
        listed = before if before in LISTS else "test-sessions"
        advice = f"Ids are UUIDs such as {EXAMPLE}. {base_url()}/{listed} lists them."
        raise NotFound(f"{text} is not an id of a {LISTS[listed]}. {advice}") from None


def prepare(app: Flask) -> None:
    """Accept URLs with a slash at the end, and ids of sessions in any notation. Call it before routes are added."""
    app.url_map.strict_slashes = False
    app.url_map.converters["uuid"] = Id


class SingleSlashes:
    """WSGI middleware that joins repeated slashes, as from a base URL that ends with one.

    Werkzeug would redirect, which clients do not follow for POST and for WebSockets.
    """

    def __init__(self, app: "WSGIApplication") -> None:
        self._app = app

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        environ["PATH_INFO"] = SLASHES.sub("/", environ["PATH_INFO"])
        return self._app(environ, start_response)


def base_url() -> str:
    """Return the base URL of the API as the client of this request sees it."""
    return f"{request.url_root.rstrip('/')}{BASE}"


def message(error: HTTPException) -> str | None:
    """Return the message for a URL that leads nowhere, or None for another error."""
    path = _path()
    where = f"The API is at {base_url()}, and its documentation at {request.url_root}docs/."
    if isinstance(error, WebsocketMismatch) or (_is_upgrade() and isinstance(error, MethodNotAllowed)):
        return f"{path} is not a WebSocket. {_sockets()}"
    if isinstance(error, MethodNotAllowed):
        methods = sorted(set(error.valid_methods or ()) - IMPLICIT)
        return f"{request.method} is not possible at {path}. Use {' or '.join(methods)}. {where}"
    if isinstance(error, NotFound) and error.description == NotFound.description:
        if request.path.rstrip("/") == BASE:
            return f"{base_url()} is the base URL of the API. Its routes are in {request.url_root}docs/."
        return f"{path} does not exist. {_sockets() if _is_upgrade() else where}"
    return None


def plain_request_message() -> str:
    """Return the message for a plain request to the URL of a WebSocket."""
    advice = "A proxy in between must pass on the headers Upgrade and Connection, by HTTP/1.1."
    return f"{_path()} is a WebSocket. Open it as {_socket_url(request.path)}. {advice}"


def _is_upgrade() -> bool:
    return request.headers.get("Upgrade", "").lower() == "websocket"


def _sockets() -> str:
    return f"The WebSockets are {_socket_url('/ws/test-progress')} and /ws/hardware."


def _path() -> str:
    """Return the path as the client of this request wrote it."""
    return f"{request.root_path}{request.path}"


def _socket_url(path: str) -> str:
    return f"ws{request.url_root.removeprefix('http').rstrip('/')}{path}"
