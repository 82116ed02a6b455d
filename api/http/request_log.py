"""One line in the log for each request: who did what, and how it ended.

A plain X-Request-ID of the client's is kept, so that a proxy's log can be joined. All lines of a request have its id.
"""

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, cast
from urllib.parse import quote
from uuid import UUID, uuid4

import structlog
from flask import Flask, Response, request
from structlog.contextvars import bind_contextvars, clear_contextvars
from werkzeug.wsgi import ClosingIterator

from api.http.access import auth

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

KEY = "gait.request"
HEADER = "X-Request-ID"
PLAIN_ID = re.compile(r"[\w.:+/=-]{1,80}", re.ASCII)
PATH_CHARACTERS = "/:@!$&'()*+,;=~-._"
MAX_PATH, MAX_METHOD = 300, 20
MS = 1000
INTERNAL, SWITCHED = HTTPStatus.INTERNAL_SERVER_ERROR.value, HTTPStatus.SWITCHING_PROTOCOLS.value

logger = structlog.get_logger("request")


@dataclass
class Entry:
    """The line of one request.

    `key` is `full`, `read-only`, `rejected`, or None without a key. `owner` identifies it as in the database. `session`
    has the ids of the sessions that the request is about.
    """

    path: str
    method: str | None = None
    address: str | None = None
    key: str | None = None
    owner: str | None = None
    route: str | None = None
    session: str | None = None
    status: int = INTERNAL
    request_id: str = field(default_factory=lambda: str(uuid4()))
    began: float = field(default_factory=time.perf_counter)

    def write(self) -> None:
        event = f"{self.method} {self.path} {self.status}"
        logger.info(
            event,
            method=self.method,
            route=self.route,
            status=self.status,
            ms=round((time.perf_counter() - self.began) * MS, 1),
            address=self.address,
            key=self.key,
            owner=self.owner,
            session=self.session,
            request_id=self.request_id,
        )
        clear_contextvars()


class RequestLogMiddleware:
    """WSGI middleware that writes a request's line when its response or its WebSocket has ended."""

    def __init__(self, app: "WSGIApplication") -> None:
        self._app = app

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        entry = environ[KEY] = _entry(environ)
        bind_contextvars(request_id=entry.request_id)
        try:
            return ClosingIterator(self._app(environ, start_response), [entry.write])
        except BaseException:  # also the StopIteration of a WebSocket that has ended
            entry.write()
            raise


def register(app: Flask) -> None:
    app.after_request(_describe)


def note_sessions(ids: Iterable[str]) -> None:
    """Let the request's line name these sessions."""
    _current().session = ",".join(ids)


def malformed(address: object, status: HTTPStatus, reason: str) -> None:
    """Log a request that is not valid HTTP, of which nothing is known but the client's address."""
    peer = str(address[0]) if isinstance(address, tuple) and address else None
    logger.warning("malformed request", address=peer, status=status.value, reason=reason)


def _entry(environ: "WSGIEnvironment") -> Entry:
    path = f"{environ.get('SCRIPT_NAME', '')}{environ.get('PATH_INFO', '')}"
    entry = Entry(
        quote(path.encode("latin-1"), PATH_CHARACTERS)[:MAX_PATH], str(environ["REQUEST_METHOD"])[:MAX_METHOD]
    )
    given = environ.get("HTTP_X_REQUEST_ID", "")
    if PLAIN_ID.fullmatch(given):
        entry.request_id = given
    return entry


def _describe(response: Response) -> Response:
    entry, rule = _current(), request.url_rule
    entry.route, entry.address = rule.rule if rule else None, request.remote_addr
    entry.key, entry.owner = auth.kind_of_key(), auth.owner()
    entry.session = entry.session or _session()
    is_open = rule is not None and rule.websocket and response.status_code == HTTPStatus.OK
    entry.status = SWITCHED if is_open else response.status_code
    response.headers[HEADER] = entry.request_id
    return response


def _session() -> str | None:
    """Return the session of the URL or of its parameter `sessionId`."""
    found = (request.view_args or {}).get("session_id") or request.args.get("sessionId", "")
    try:
        return str(UUID(str(found)))
    except ValueError:
        return None


def _current() -> Entry:
    return cast("Entry", request.environ[KEY])
