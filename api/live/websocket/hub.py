"""The hub: one Redis subscription for all clients of a process, and a bounded queue for each client.

Each message is received once and encoded as a frame once. The hub sends it to every client whose socket takes it,
because waking a thousand threads for each message would take longer than sending. The client's handler sends the rest,
so a slow client does not delay others.

redis-py renews a lost subscription by itself. What was published meanwhile is read from the stream of the channel.
"""

import contextlib
import json
import logging
import threading
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from redis import Redis
from redis.client import PubSub

from api.live.websocket.socket import frame
from common.messaging import streams
from common.messaging.events import client_message
from common.messaging.redis_errors import RedisUnavailable

QUEUE_LENGTH = 256
WAIT_S = 1.0
"""How often the hub checks whether it still has subscribers."""
MAX_UNANSWERED = 5
"""PINGs without an answer after which the connection to Redis is lost. redis-py sends one after 15 s of silence, and
then one each WAIT_S. It never notices by itself that a machine or a route has gone without closing the connection.
"""

STOPPING = 1001, "The server is stopping. Connect again."

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Message:
    """A message as clients receive it."""

    seq: int
    body: dict[str, Any]

    @classmethod
    def from_stream(cls, message: streams.Message) -> "Message":
        return cls(message[0], client_message(message))

    @cached_property
    def frame(self) -> bytes:
        return frame(json.dumps(self.body, separators=(",", ":")))


class Subscriber(ABC):
    """One client, with the messages that it gets. The hub offers messages; the hub and the handler send frames."""

    def __init__(self) -> None:
        self.closing = False
        self.close_reason = STOPPING
        self.wake = threading.Event()
        """Set if the handler has work that the hub cannot do."""
        self.push: Callable[[], object] = self.wake.set
        """Called by the hub if there may be a next frame, so it must not wait."""
        self._queue: deque[Message] = deque()

    @abstractmethod
    def offer(self, message: Message) -> bool:
        """Handle a new message, and return whether there may be a next frame. The hub calls it, so it must not wait."""

    @abstractmethod
    def on_subscribed(self) -> None:
        """Handle the start of a subscription, before which messages may be missing. The hub calls it."""

    @abstractmethod
    def backlog(self) -> Iterator[bytes]:
        """Yield the frames to send before the next ones. The handler calls it, so it may wait."""

    @abstractmethod
    def next_frame(self) -> bytes | None:
        """Return the next frame, or None if there is none. It must not wait."""

    def close(self, reason: tuple[int, str] = STOPPING) -> None:
        """Let the handler close the WebSocket with this code and text."""
        self.close_reason = reason
        self.closing = True
        self.wake.set()

    def _full(self) -> bool:
        return len(self._queue) >= QUEUE_LENGTH


S = TypeVar("S", bound=Subscriber)


class Hub:
    """A listener on the channels, active while it has subscribers. `redis` should be a patient connection."""

    def __init__(self, redis: Redis, channels: Iterable[str]) -> None:
        self._redis = redis
        self._channels = tuple(channels)
        self._subscribers: set[Subscriber] = set()
        self._lock = threading.Lock()
        self._listening = False
        self._closed = False
        self._received: dict[str, int] = {}  # by channel, the seq of the last message
        self._replayed: dict[str, int] = {}  # by channel, the seq of the last message that was read from its stream

    @contextlib.contextmanager
    def subscription(self, subscriber: S) -> Iterator[S]:
        """Offer messages to the subscriber until the block ends."""
        with self._lock:
            self._subscribers.add(subscriber)
            subscriber.closing = self._closed
            start, self._listening = not self._listening, True
        if start:
            threading.Thread(target=self._run, name="hub", daemon=True).start()
        try:
            yield subscriber
        finally:
            with self._lock:
                self._subscribers.discard(subscriber)

    @property
    def clients(self) -> int:
        """The number of subscribers."""
        return len(self._subscribers)

    def close(self) -> None:
        """Close every subscriber."""
        self._closed = True
        for subscriber in self._all():
            subscriber.close()

    def _all(self) -> list[Subscriber]:
        with self._lock:
            return list(self._subscribers)

    def _run(self) -> None:
        self._received.clear()
        while self._continue():
            try:
                self._listen()
            except Exception as error:  # noqa: BLE001 - after any error, the subscribers need a new subscription
                logger.warning("live messages were interrupted; subscribing again: %s", error)
                time.sleep(WAIT_S)

    def _continue(self) -> bool:
        """Return whether there are subscribers. If not, the next subscriber starts a new thread."""
        with self._lock:
            self._listening = bool(self._subscribers) and not self._closed
            return self._listening

    def _listen(self) -> None:
        with self._redis.pubsub() as channels:
            channels.subscribe(*self._channels)
            while self._subscribers and not self._closed:
                message = channels.get_message(timeout=WAIT_S)
                if message is None:
                    _check_answers(channels)
                else:
                    self._handle(message["type"], message["channel"].decode(), message["data"])

    def _handle(self, kind: str, channel: str, data: bytes) -> None:
        if kind == "subscribe":
            self._notify_subscribed()
            self._replay(channel)
        elif kind == "message" and (parsed := streams.parse(data)) and parsed[0] > self._replayed.get(channel, 0):
            self._accept(channel, parsed)

    def _notify_subscribed(self) -> None:
        for subscriber in self._all():
            subscriber.on_subscribed()

    def _replay(self, channel: str) -> None:
        """Offer the messages that were published since the last one received, as many as a queue can hold."""
        last = self._received.get(channel)
        if last is None:
            return
        for missed in reversed(streams.newest(self._redis, channel, QUEUE_LENGTH)):
            if missed[0] > last:
                self._replayed[channel] = missed[0]
                self._accept(channel, missed)

    def _accept(self, channel: str, parsed: streams.Message) -> None:
        self._received[channel] = parsed[0]
        self._distribute(Message.from_stream(parsed))

    def _distribute(self, message: Message) -> None:
        for subscriber in self._all():
            if subscriber.offer(message):
                subscriber.push()


def _check_answers(channels: PubSub) -> None:
    """Raise RedisUnavailable if Redis has not answered PINGs for too long."""
    if channels.health_check_response_counter > MAX_UNANSWERED:
        raise RedisUnavailable("Redis does not answer on a connection that is open.")
