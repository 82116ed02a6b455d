"""One subscription a process, shared by all its clients, and a bounded queue a client.

Each message is received once and made a frame once. The hub itself sends it to every client whose socket takes it: a
thousand threads that wake for each message would cost more than the sending. What a socket does not take is left to
its client's handler, so a client that is slow disturbs no other.
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

DEPTH = 256
WAIT_S = 1.0
"""The hub looks this often whether anybody is left."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Message:
    """A message as clients get it."""

    seq: int
    body: dict[str, Any]

    @classmethod
    def of(cls, message: streams.Message) -> "Message":
        return cls(message[0], client_message(message))

    @cached_property
    def frame(self) -> bytes:
        return frame(json.dumps(self.body, separators=(",", ":")))


class Subscriber(ABC):
    """One client: which messages it gets. The hub offers them; the hub and the client's handler send what is due."""

    def __init__(self) -> None:
        self.closing = False
        self.wake = threading.Event()
        """Set when the handler has something to do that the hub cannot."""
        self.push: Callable[[], object] = self.wake.set
        """Called when something may be due, by the hub, so it must not wait."""
        self._queue: deque[Message] = deque()

    @abstractmethod
    def offer(self, message: Message) -> bool:
        """A message has come; returns whether something is due for it. Called by the hub, so it must not wait."""

    @abstractmethod
    def subscribed(self) -> None:
        """From now on messages come; those of a time before may be missing. Called by the hub."""

    @abstractmethod
    def missed(self) -> Iterator[bytes]:
        """The frames to be sent before all that is due. Called by the handler; it may wait."""

    @abstractmethod
    def due(self) -> bytes | None:
        """The next frame, if there is one. Must not wait."""

    def close(self) -> None:
        self.closing = True
        self.wake.set()

    def _full(self) -> bool:
        return len(self._queue) >= DEPTH


W = TypeVar("W", bound=Subscriber)


class Hub:
    """Listens to the channels while somebody watches; `redis` should be a patient connection."""

    def __init__(self, redis: Redis, channels: Iterable[str]) -> None:
        self._redis = redis
        self._channels = tuple(channels)
        self._watchers: set[Subscriber] = set()
        self._lock = threading.Lock()
        self._listening = False
        self._closed = False

    @contextlib.contextmanager
    def watched_by(self, watcher: W) -> Iterator[W]:
        with self._lock:
            self._watchers.add(watcher)
            watcher.closing = self._closed
            start, self._listening = not self._listening, True
        if start:
            threading.Thread(target=self._follow, name="hub", daemon=True).start()
        try:
            yield watcher
        finally:
            with self._lock:
                self._watchers.discard(watcher)

    @property
    def watching(self) -> int:
        """How many clients."""
        return len(self._watchers)

    def close(self) -> None:
        """Tell every watcher to say goodbye."""
        self._closed = True
        for watcher in self._everyone():
            watcher.close()

    def _everyone(self) -> list[Subscriber]:
        with self._lock:
            return list(self._watchers)

    def _follow(self) -> None:
        while self._needed():
            try:
                self._listen()
            except Exception as error:  # noqa: BLE001 - whatever it was, those who watch need a new subscription
                logger.warning("live messages do not arrive; subscribing again: %s", error)
                time.sleep(WAIT_S)

    def _needed(self) -> bool:
        """Whether somebody watches; one who comes after a no finds nobody listening, and starts this anew."""
        with self._lock:
            self._listening = bool(self._watchers) and not self._closed
            return self._listening

    def _listen(self) -> None:
        with self._redis.pubsub() as subscription:
            subscription.subscribe(*self._channels)
            while self._watchers and not self._closed:
                message = subscription.get_message(timeout=WAIT_S)
                if message is None:
                    continue
                if message["type"] == "subscribe":
                    self._tell_subscribed()
                elif message["type"] == "message":
                    self._spread(Message.of(streams.parse(message["data"])))

    def _tell_subscribed(self) -> None:
        for watcher in self._everyone():
            watcher.subscribed()

    def _spread(self, message: Message) -> None:
        for watcher in self._everyone():
            if watcher.offer(message):
                watcher.push()
