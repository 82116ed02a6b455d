"""`WS /ws/test-progress`: the backlog of progress messages, then the live ones, in order and each once.

A client is either live, with messages from its queue, or behind. Then it reads the stream from its last message on. It
starts behind, and falls behind when its queue is full or when the subscription was lost. So no client misses a message
that is still in the stream. A client that names no last message starts with the messages of unfinished sessions.
"""

import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import takewhile

from flask import Blueprint, current_app, g, request
from marshmallow import fields, validate
from redis import Redis
from redis.exceptions import RedisError
from simple_websocket import Server  # type: ignore[import-untyped] # it has no types

from api.http.redis import redis
from api.http.requests.parser import PARSER
from api.http.responses.errors import or_404
from api.http.urls import identifier
from api.live import subscriber
from api.live.hubs import hubs_of
from api.live.last_message import ENDED, end_message, is_end
from api.live.stored_progress import messages, newest, newest_seq, of_unfinished
from api.live.websocket.hub import WAIT_S, Message, Subscriber
from api.schemas import Wire
from common.errors import Unavailable
from common.messaging import streams
from common.messaging.redis import PROGRESS, progress_of
from common.store.reads import sessions
from common.store.tables import Status

resource = Blueprint("progress", __name__)


class ProgressQuery(Wire):
    session_id = fields.String(metadata={"description": "The session to follow. Default: all sessions."})
    after = fields.Integer(
        load_default=None,
        validate=validate.Range(0, 2**53),
        metadata={
            "description": "The seq of the last message received. 0 requests all stored messages. Default: those of "
            "the session, or of all unfinished sessions."
        },
    )


class ProgressSubscriber(Subscriber):
    """A client that follows all sessions or the one of `session_id`, and has received all messages up to `after`.

    Without both, it gets the messages of unfinished sessions up to `start`, and all after that. `end` is the message
    about the end of the session, if that had ended before the client came. `start` is None if Redis was away then.
    """

    def __init__(
        self,
        redis: Redis,
        session_id: str | None,
        after: int | None,
        *,
        start: int | None = None,
        end: Message | None = None,
    ) -> None:
        super().__init__()
        self._redis = redis
        self._session_id = session_id
        self._stream = progress_of(session_id) if session_id else PROGRESS
        self._last = after or 0
        self._end = end
        self._start = start if after is None and session_id is None else 0
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
        while self._queue and not (self._behind or self._reading or self.closing):
            message = self._queue.popleft()
            if self._is_new(message):
                self._close_after(message)
                return message.frame
        return None

    def backlog(self) -> Iterator[bytes]:
        self._reading = True
        while self._behind and not self.closing:
            self._behind = False  # before the queue is cleared, so that a flag set in the meantime is kept
            self._queue.clear()  # messages from now on are queued, and earlier ones are in the stream
            for message in takewhile(lambda _: not self.closing, self._stored()):
                yield message.frame
                self._close_after(message)
        self._reading = False

    def _close_after(self, message: Message) -> None:
        """Close the WebSocket of one session after the message about its end."""
        if self._session_id is not None and is_end(message.body):
            self.close(ENDED)

    def _fall_behind(self) -> None:
        self._behind = True
        self.wake.set()

    def _is_new(self, message: Message) -> bool:
        is_new = message.seq > self._last
        self._last = max(self._last, message.seq)
        return is_new

    def _stored(self) -> Iterator[Message]:
        try:
            self._start = newest_seq(self._redis) if self._start is None else self._start
            if self._last < self._start:
                yield from self._new(of_unfinished(self._redis, self._last, self._start))
                self._last = self._start
            yield from self._new(messages(self._redis, self._stream, self._last))
            if self._end is not None:
                yield from self._missing_end(self._end)
        except (RedisError, Unavailable):
            time.sleep(WAIT_S)
            self._fall_behind()

    def _new(self, found: Iterable[streams.Message]) -> Iterator[Message]:
        return filter(self._is_new, map(Message.from_stream, found))

    def _missing_end(self, end: Message) -> Iterator[Message]:
        """Yield the message about the end of a session if it is not stored."""
        last = newest(self._redis, self._stream)
        if last is None or not is_end(last[1]):
            yield end
        self.close(ENDED)


def check() -> None:
    """Refuse a wrong request before the upgrade, while an HTTP response is still possible."""
    g.query = PARSER.parse(ProgressQuery(), request, location="query")
    g.session = g.start = g.end = None
    if "session_id" in g.query:
        g.session = str(identifier(g.query["session_id"]))
        session = or_404(sessions.session_alone(g.session), g.session)
        g.end = end_message(session) if session.status != Status.RUNNING else None
    with suppress(RedisError):  # the WebSocket opens all the same, and waits
        g.start = newest_seq(redis())
        _bound_after()


def _bound_after() -> None:
    """Lower an `after` that no message has had yet, as of a Redis that was emptied. All messages would be left out."""
    if g.query["after"] is not None:
        g.query["after"] = min(g.query["after"], g.start)


resource.before_request(check)


@subscriber.route(resource, "/ws/test-progress")
def test_progress(ws: Server) -> None:
    client = ProgressSubscriber(redis(), g.session, g.query["after"], start=g.start, end=g.end)
    subscriber.serve(ws, hubs_of(current_app).progress, client, "progress")
