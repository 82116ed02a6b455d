"""The hub: one Redis subscription for all clients of a process, and a bounded queue for each client.

Each message is received once and encoded as a frame once. The hub sends it to every client whose socket takes it,
because waking a thousand threads for each message would take longer than sending. The client's handler sends the rest,
so a slow client does not delay others.
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

from api.websocket.socket import frame
from common.messaging import streams
from common.messaging.events import client_message

QUEUE_LENGTH = 256
WAIT_S = 1.0
"""How often the hub checks whether it still has subscribers."""

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
                    continue
                if message["type"] == "subscribe":
                    self._notify_subscribed()
                elif message["type"] == "message" and (parsed := streams.parse(message["data"])):
                    self._distribute(Message.from_stream(parsed))

    def _notify_subscribed(self) -> None:
        for subscriber in self._all():
            subscriber.on_subscribed()

    def _distribute(self, message: Message) -> None:
        for subscriber in self._all():
            if subscriber.offer(message):
                subscriber.push()
