"""`WS /ws/test-progress`: the backlog of progress messages, then the live ones, in order and each once.

A client is either live, with messages from its queue, or behind. Then it reads the stream from its last message on. It
starts behind, and falls behind when its queue is full or when the subscription was lost. So no client misses a message
that is still in the stream.
"""

import threading
import time
from collections.abc import Iterator

from flask import Blueprint, current_app, g, request
from marshmallow import fields, validate
from redis import Redis
from redis.exceptions import RedisError
from simple_websocket import Server  # type: ignore[import-untyped] # it has no types

from api import app_state
from api.http.errors import or_404
from api.http.parser import PARSER
from api.live import subscriber
from api.schemas import Wire
from api.websocket.hub import WAIT_S, Message, Subscriber
from common.messaging import streams
from common.messaging.redis import PROGRESS, progress_of
from common.store import sessions

PAGE = 500
MAX_READERS = 8
"""Clients that read the stream at once. Each uses a connection to Redis, and after a restart all clients read."""

_readers = threading.Semaphore(MAX_READERS)
resource = Blueprint("progress", __name__)


class ProgressQuery(Wire):
    session_id = fields.String(metadata={"description": "The session to follow. Default: all sessions."})
    after = fields.Integer(
        load_default=0,
        validate=validate.Range(0, 2**53),
        metadata={"description": "The seq of the last message received. Default: all stored messages are sent."},
    )


class ProgressSubscriber(Subscriber):
    """A client that follows all sessions or the one of `session_id`, and has received all messages up to `after`."""

    def __init__(self, redis: Redis, session_id: str | None, after: int) -> None:
        super().__init__()
        self._redis = redis
        self._session_id = session_id
        self._stream = progress_of(session_id) if session_id else PROGRESS
        self._last = after
        self._behind = True  # it needs to read the stream
        self._reading = False  # it is reading the stream

    def offer(self, message: Message) -> bool:
        if self._session_id not in (None, message.body["sessionId"]):
            return False
        if self._full():
            self._fall_behind()
            return False
        self._queue.append(message)
        return True

    def on_subscribed(self) -> None:
        self._fall_behind()

    def next_frame(self) -> bytes | None:
        while self._queue and not (self._behind or self._reading):
            message = self._queue.popleft()
            if self._is_new(message):
                return message.frame
        return None

    def backlog(self) -> Iterator[bytes]:
        self._reading = True
        while self._behind and not self.closing:
            self._behind = False  # before the queue is cleared, so that a flag set in the meantime is kept
            self._queue.clear()  # messages from now on are queued, and earlier ones are in the stream
            yield from (message.frame for message in self._stored() if self._is_new(message))
        self._reading = False

    def _fall_behind(self) -> None:
        self._behind = True
        self.wake.set()

    def _is_new(self, message: Message) -> bool:
        is_new = message.seq > self._last
        self._last = max(self._last, message.seq)
        return is_new

    def _stored(self) -> Iterator[Message]:
        last = self._last
        try:
            while not self.closing:
                page = self._page(last)
                yield from map(Message.from_stream, page)
                if len(page) < PAGE:
                    return  # later messages are queued; a thousand readers would never reach the end of the stream
                last = page[-1][0]
        except RedisError:
            time.sleep(WAIT_S)
            self._fall_behind()

    def _page(self, after: int) -> list[streams.Message]:
        with _readers:
            return streams.read(self._redis, self._stream, after=after, count=PAGE)


def check() -> None:
    """Refuse a wrong request before the upgrade, while an HTTP response is still possible."""
    g.query = PARSER.parse(ProgressQuery(), request, location="query")
    session_id = g.query.get("session_id")
    if session_id is not None:
        or_404(sessions.session_alone(session_id), session_id)


resource.before_request(check)


@subscriber.route(resource, "/ws/test-progress")
def test_progress(ws: Server) -> None:
    client = ProgressSubscriber(app_state.redis(), g.query.get("session_id"), g.query["after"])
    subscriber.serve(ws, app_state.hubs_of(current_app).progress, client, "progress")
