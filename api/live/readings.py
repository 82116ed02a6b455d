"""`WS /ws/hardware`: the readings of the machines under test, as they come.

They are live: a client that reads too slowly loses the oldest of those that wait for it, and is told how many.
"""

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

from flask import current_app, g, request
from marshmallow import fields, validate
from redis import Redis
from redis.exceptions import RedisError
from simple_websocket import Server  # type: ignore[import-untyped] # it has no types

from api import app_state
from api.http.openapi import PARSER, Resource
from api.http.settings import host_named, settings
from api.live import subscriber
from api.monitoring.http_metrics import DROPPED
from api.schemas import Wire
from api.schemas.text import text
from api.websocket.downsampling import Downsampler, alone
from api.websocket.hub import Message, Subscriber
from common.messaging import streams
from common.messaging.redis import readings_of

MOST_HZ = 100
LEAST_HZ = 0.01

resource = Resource("readings", __name__, description="What the machines under test do now.")


class ReadingsQuery(Wire):
    host = text(100, metadata={"description": "A machine of GET /hosts; all of them if left out."})
    hz = fields.Float(
        load_default=None,
        validate=validate.Range(LEAST_HZ, MOST_HZ),
        metadata={
            "description": "At most so many messages a second for each host, with `min` and `max` of the readings "
            "since the message before; every reading, without them, if left out."
        },
    )


class ReadingsSubscriber(Subscriber):
    """One client that watches these hosts; `downsampler` is shared with all who watch at the same rate."""

    def __init__(self, redis: Redis, hosts: list[str], downsampler: Downsampler | None) -> None:
        super().__init__()
        self._redis = redis
        self._last = dict.fromkeys(hosts, -1)
        self._downsampler = downsampler
        self._dropped = 0
        self._greeted = False
        self._lock = threading.Lock()  # the hub and the client's handler both put and take

    def offer(self, message: Message) -> bool:
        # Also of a host that is not watched here: the extremes are for all who share the downsampler.
        due = self._downsampler.add(message) if self._downsampler else message
        return due is not None and self._take(due)

    def _take(self, message: Message) -> bool:
        """Whether it is of a host that is watched, and not known already."""
        host = message.body["host"]
        with self._lock:
            news = message.seq > self._last.get(host, message.seq)
            if news:
                self._last[host] = message.seq
                self._put(message)
        return news

    def subscribed(self) -> None:
        """What is missed is missed."""

    def missed(self) -> Iterator[bytes]:
        """Nothing; but what was read last is due first."""
        if not self._greeted:
            self._greeted = True
            self._offer_newest()
        yield from ()

    def due(self) -> bytes | None:
        with self._lock:
            return self._told(self._queue.popleft()) if self._queue else None

    def _put(self, message: Message) -> None:
        if self._full():
            self._queue.popleft()
            self._dropped += 1
            DROPPED.inc()
        self._queue.append(message)

    def _told(self, message: Message) -> bytes:
        dropped, self._dropped = self._dropped, 0
        return Message(message.seq, {**message.body, "dropped": dropped}).frame if dropped else message.frame

    def _offer_newest(self) -> None:
        """What was read last, however long ago: its `at` tells."""
        with contextlib.suppress(RedisError):  # the hub waits for Redis, and readings come again when it does
            for host in self._last:
                for newest in streams.newest(self._redis, readings_of(host)):
                    message = Message.of(newest)
                    self._take(alone(message) if self._downsampler else message)


def check() -> None:
    """Refuse before the upgrade, where an answer can still be given."""
    query: dict[str, Any] = PARSER.parse(ReadingsQuery(), request, location="query")
    host = query.get("host")
    g.hosts = [host_named(host)] if host is not None else list(settings().ollama_hosts)
    g.hz = query["hz"]


resource.before_request(check)


@subscriber.route(
    resource,
    "/ws/hardware",
    summary="The machines' readings over a WebSocket.",
    description="Messages are JSON: {host, seq, at, cpu, memory, ollama, gpus, energy, battery, busiest}, with `hz` "
    "also min and max, and dropped where this client was too slow for so many. The first is the last reading known.",
    query=ReadingsQuery,
)
def hardware(ws: Server) -> None:
    with app_state.downsamplers().at(g.hz) if g.hz else contextlib.nullcontext() as downsampler:
        watcher = ReadingsSubscriber(app_state.redis(), g.hosts, downsampler)
        subscriber.serve(ws, app_state.hubs_of(current_app).readings, watcher, "hardware")
