"""`WS /ws/test-progress`: what a client missed, then what happens, in order and each message once."""

import contextlib
import logging
import threading
import time
from collections.abc import Iterator
from http import HTTPStatus

from flask import current_app, g, request
from flask_sock import Sock
from marshmallow import fields, validate
from redis import Redis
from redis.exceptions import RedisError
from simple_websocket import ConnectionClosed, Server  # type: ignore[import-untyped] # it has no types

from api import context
from api.errors import refuse
from api.hub import WAIT_S, Numbered, Watcher, numbered
from api.openapi import PARSER, Resource
from api.schemas import Wire
from common import queries, streams
from common.database import database

PAGE = 500
READERS = 8
"""So many clients read the stream at once. Each takes a connection to Redis, and after a restart all want to read."""
GOING_AWAY, BROKEN = 1001, 1011

_reading = threading.Semaphore(READERS)
logger = logging.getLogger(__name__)
resource = Resource("live", __name__, description="What happens now.")


class WatchQuery(Wire):
    session_id = fields.String(metadata={"description": "The session to watch; all if left out."})
    after = fields.Integer(
        load_default=0,
        validate=validate.Range(0, 2**53),
        metadata={"description": "The seq of the last message seen; everything that is kept if left out."},
    )


DOCUMENTATION = {
    "summary": "Progress messages over a WebSocket.",
    "description": (
        "Messages are JSON: {type, sessionId, modelName, testType, progress, metrics?, error?} and seq, at, phase, "
        "repetition, session. `complete` and `error` end a test. Browsers offer the subprotocols `gait` and "
        "`gait.key.` with the key behind it in URL-safe base64 without padding."
    ),
    "parameters": [{"in": "query", "schema": WatchQuery}],
    "responses": {
        "101": {"description": "The connection is a WebSocket from here on."},
        **{
            str(int(status)): {"$ref": f"#/components/responses/{status.name}"}
            for status in (
                HTTPStatus.BAD_REQUEST,
                HTTPStatus.UNAUTHORIZED,
                HTTPStatus.NOT_FOUND,
                HTTPStatus.UNPROCESSABLE_ENTITY,
                HTTPStatus.INTERNAL_SERVER_ERROR,
                HTTPStatus.SERVICE_UNAVAILABLE,
            )
        },
    },
}


def check() -> None:
    """Refuse before the upgrade, where an answer can still be given."""
    g.query = PARSER.parse(WatchQuery(), request, location="query")
    session_id = g.query.get("session_id")
    with database.connection_context():  # closed before the socket's long life begins
        if session_id is not None and queries.session(session_id) is None:
            refuse(HTTPStatus.NOT_FOUND, f"there is no session {session_id}")


resource.before_request(check)


def test_progress(ws: Server) -> None:
    hub = context.hub_of(current_app)
    with hub.watcher(g.query.get("session_id")) as watcher:
        try:
            relay(ws, watcher, context.redis(), after=g.query["after"])
            ws.close(GOING_AWAY, "the server stops; connect again")
        except (ConnectionClosed, OSError):
            pass  # the client has left
        except Exception:  # what leaves a handler would be written into the socket as an HTTP answer
            logger.exception("a progress socket failed")
            with contextlib.suppress(ConnectionClosed, OSError):
                ws.close(BROKEN, "an error of ours; the log of the API has it")


Sock().route("/ws/test-progress", bp=resource)(resource.doc(**DOCUMENTATION)(test_progress))


def relay(ws: Server, watcher: Watcher, redis: Redis, *, after: int) -> None:
    """Send until the client leaves or the process stops."""
    last = after
    while ws.connected and not watcher.closing:
        for seq, text in _missed(watcher, redis, last) if watcher.behind else _live(watcher):
            if seq > last:
                ws.send(text)
                last = seq
        while ws.input_buffer:
            ws.receive()  # clients have nothing to say; what they say must not pile up


def _live(watcher: Watcher) -> Iterator[Numbered]:
    message = watcher.take()
    if message is not None:
        yield message


def _missed(watcher: Watcher, redis: Redis, last: int) -> Iterator[Numbered]:
    watcher.catch_up()
    try:
        while not watcher.closing and (page := _page(redis, watcher.stream, last)):
            yield from map(numbered, page)
            last = page[-1][0]
    except RedisError:
        time.sleep(WAIT_S)
        watcher.fall_behind()


def _page(redis: Redis, stream: str, last: int) -> list[streams.Message]:
    with _reading:
        return streams.read(redis, stream, after=last, count=PAGE)
