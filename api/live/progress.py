"""`WS /ws/test-progress`: what a client missed, then what happens, in order and each message once.

A client is either live, and fed from its queue, or behind, and then reads the stream from the last message it was sent.
It starts behind; it falls behind when its queue is full, and when the subscription was lost and made again. So nobody
misses what the stream still holds.
"""

import threading
import time
from collections.abc import Iterator
from http import HTTPStatus

from flask import current_app, g, request
from marshmallow import fields, validate
from redis import Redis
from redis.exceptions import RedisError
from simple_websocket import Server  # type: ignore[import-untyped] # it has no types

from api import app_state
from api.http.errors import there
from api.http.openapi import PARSER, Resource
from api.live import subscriber
from api.schemas import Wire
from api.websocket.hub import WAIT_S, Message, Subscriber
from common.messaging import streams
from common.messaging.redis import PROGRESS, progress_of
from common.store import sessions
from common.store.database import database

PAGE = 500
READERS = 8
"""So many clients read the stream at once. Each takes a connection to Redis, and after a restart all want to read."""

_reading = threading.Semaphore(READERS)
resource = Resource("progress", __name__, description="What happens in the sessions now.")


class WatchQuery(Wire):
    session_id = fields.String(metadata={"description": "The session to watch; all if left out."})
    after = fields.Integer(
        load_default=0,
        validate=validate.Range(0, 2**53),
        metadata={"description": "The seq of the last message seen; everything that is kept if left out."},
    )


class ProgressSubscriber(Subscriber):
    """One client, that watches all sessions or the one of `session_id`, and has seen all up to `after`."""

    def __init__(self, redis: Redis, session_id: str | None, after: int) -> None:
        super().__init__()
        self._redis = redis
        self._session_id = session_id
        self._stream = progress_of(session_id) if session_id else PROGRESS
        self._last = after
        self._behind = True  # it has to read the stream
        self._reading = False  # it reads the stream

    def offer(self, message: Message) -> bool:
        if self._session_id not in (None, message.body["sessionId"]):
            return False
        if self._full():
            self._fall_behind()
            return False
        self._queue.append(message)
        return True

    def subscribed(self) -> None:
        self._fall_behind()

    def due(self) -> bytes | None:
        while self._queue and not (self._behind or self._reading):
            message = self._queue.popleft()
            if self._is_news(message):
                return message.frame
        return None

    def missed(self) -> Iterator[bytes]:
        self._reading = True
        while self._behind and not self.closing:
            self._behind = False  # first: a mark that is set while the queue is emptied must stay
            self._queue.clear()  # from here on messages queue up again; those before are in the stream
            yield from (message.frame for message in self._stored() if self._is_news(message))
        self._reading = False

    def _fall_behind(self) -> None:
        self._behind = True
        self.wake.set()

    def _is_news(self, message: Message) -> bool:
        news = message.seq > self._last
        self._last = max(self._last, message.seq)
        return news

    def _stored(self) -> Iterator[Message]:
        read = self._last
        try:
            while not self.closing:
                page = self._page(read)
                yield from map(Message.of, page)
                if len(page) < PAGE:
                    return  # what came since is queued: a thousand clients that chase the end would never reach it
                read = page[-1][0]
        except RedisError:
            time.sleep(WAIT_S)
            self._fall_behind()

    def _page(self, after: int) -> list[streams.Message]:
        with _reading:
            return streams.read(self._redis, self._stream, after=after, count=PAGE)


def check() -> None:
    """Refuse before the upgrade, where an answer can still be given."""
    g.query = PARSER.parse(WatchQuery(), request, location="query")
    session_id = g.query.get("session_id")
    with database.connection_context():  # closed before the socket's long life begins
        if session_id is not None:
            there(sessions.session_alone(session_id), session_id)


resource.before_request(check)


@subscriber.route(
    resource,
    "/ws/test-progress",
    summary="Progress messages over a WebSocket.",
    description="Messages are JSON: {type, sessionId, modelName, testType, progress, metrics?, error?} and seq, at, "
    "phase, point, repetition, session, log?. `complete` and `error` end a test.",
    query=WatchQuery,
    failures=(HTTPStatus.NOT_FOUND,),
)
def test_progress(ws: Server) -> None:
    watcher = ProgressSubscriber(app_state.redis(), g.query.get("session_id"), g.query["after"])
    subscriber.serve(ws, app_state.hubs_of(current_app).progress, watcher, "progress")
