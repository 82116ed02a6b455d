"""`WS /ws/hardware`: the live readings of the machines under test.

A client that reads too slowly loses the oldest queued readings. Its next message has the number of lost ones.
"""

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, current_app, g, request
from marshmallow import fields, validate
from redis import Redis
from redis.exceptions import RedisError
from simple_websocket import Server  # type: ignore[import-untyped] # it has no types

from api.http.redis import redis
from api.http.requests.parser import PARSER
from api.http.settings import host_named, settings
from api.live import subscriber
from api.live.hubs import downsamplers, hubs_of
from api.live.websocket.downsampling import Downsampler, with_own_extremes
from api.live.websocket.hub import Message, Subscriber
from api.monitoring.http_metrics import DROPPED
from api.schemas import Wire
from api.schemas.text import text
from common.messaging import streams
from common.messaging.redis import readings_of

MAX_HZ = 100
MIN_HZ = 0.01

resource = Blueprint("readings", __name__)


class ReadingsQuery(Wire):
    host = text(100, metadata={"description": "A host of GET /hosts. Default: all hosts."})
    hz = fields.Float(
        load_default=None,
        validate=validate.Range(MIN_HZ, MAX_HZ),
        metadata={
            "description": "The maximum number of messages per second for each host. Each message has the `min` and "
            "`max` of the readings since the previous one. Default: every reading, without `min` and `max`."
        },
    )


class ReadingsSubscriber(Subscriber):
    """A client that follows these hosts. All clients of the same rate share the `downsampler`."""

    def __init__(self, redis: Redis, hosts: list[str], downsampler: Downsampler | None) -> None:
        super().__init__()
        self._redis = redis
        self._last = dict.fromkeys(hosts, -1)
        self._downsampler = downsampler
        self._dropped = 0
        self._sent_newest = False
        self._lock = threading.Lock()  # the hub and the client's handler both use the queue

    def offer(self, message: Message) -> bool:
        # Messages of other hosts are added too, because other clients share the downsampler.
        sent = self._downsampler.add(message) if self._downsampler else message
        return sent is not None and self._enqueue_new(sent)

    def _enqueue_new(self, message: Message) -> bool:
        """Enqueue a new message of a followed host, and return whether it is one."""
        host = message.body["host"]
        with self._lock:
            is_new = message.seq > self._last.get(host, message.seq)
            if is_new:
                self._last[host] = message.seq
                self._put(message)
        return is_new

    def on_subscribed(self) -> None:
        """Do nothing, because missed readings are not sent later."""

    def backlog(self) -> Iterator[bytes]:
        """Yield nothing, but enqueue the newest reading of each host the first time."""
        if not self._sent_newest:
            self._sent_newest = True
            self._enqueue_newest()
        yield from ()

    def next_frame(self) -> bytes | None:
        with self._lock:
            return self._frame(self._queue.popleft()) if self._queue else None

    def _put(self, message: Message) -> None:
        if self._full():
            self._queue.popleft()
            self._dropped += 1
            DROPPED.inc()
        self._queue.append(message)

    def _frame(self, message: Message) -> bytes:
        dropped, self._dropped = self._dropped, 0
        return Message(message.seq, {**message.body, "dropped": dropped}).frame if dropped else message.frame

    def _enqueue_newest(self) -> None:
        """Enqueue each host's newest reading, of any age, which its `at` shows."""
        with contextlib.suppress(RedisError):  # the hub waits for Redis, and new readings follow
            for host in self._last:
                for newest in streams.newest(self._redis, readings_of(host)):
                    message = Message.from_stream(newest)
                    self._enqueue_new(with_own_extremes(message) if self._downsampler else message)


def check() -> None:
    """Refuse a wrong request before the upgrade, while an HTTP response is still possible."""
    query: dict[str, Any] = PARSER.parse(ReadingsQuery(), request, location="query")
    host = query.get("host")
    g.hosts = [host_named(host)] if host is not None else list(settings().ollama_hosts)
    g.hz = query["hz"]


resource.before_request(check)


@subscriber.route(resource, "/ws/hardware")
def hardware(ws: Server) -> None:
    with downsamplers().at(g.hz) if g.hz else contextlib.nullcontext() as downsampler:
        client = ReadingsSubscriber(redis(), g.hosts, downsampler)
        subscriber.serve(ws, hubs_of(current_app).readings, client, "hardware")
