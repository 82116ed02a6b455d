"""One subscriber a process and a bounded queue a client.

A watcher is either live, and fed from its queue, or behind, and then reads the stream from the last message it sent.
It starts behind; it falls behind when its queue is full, and when the subscription was lost and made again. So a slow
client disturbs nobody, and nobody misses what the stream still holds.
"""

import contextlib
import json
import logging
import threading
import time
from collections.abc import Iterator
from queue import Empty, SimpleQueue

from redis import Redis

from common import streams
from common.events import on_the_wire
from common.redis import PROGRESS, progress_of

DEPTH = 256
WAIT_S = 1.0
"""A handler that waits for messages looks this often whether its client has left."""

logger = logging.getLogger(__name__)

Numbered = tuple[int, str]
"""A message's seq, and its JSON as clients get it."""


def numbered(message: streams.Message) -> Numbered:
    return message[0], json.dumps(on_the_wire(message), separators=(",", ":"))


class Watcher:
    """One client: all sessions, or the one of `session_id`."""

    def __init__(self, session_id: str | None) -> None:
        self.session_id = session_id
        self.stream = progress_of(session_id) if session_id else PROGRESS
        self.behind = True
        self.closing = False
        self._queue: SimpleQueue[Numbered | None] = SimpleQueue()  # it is gevent's own under gevent, unlike Queue

    def offer(self, message: Numbered) -> None:
        if self._queue.qsize() < DEPTH:
            self._queue.put(message)
        else:
            self.fall_behind()

    def fall_behind(self) -> None:
        self.behind = True
        self._wake()

    def close(self) -> None:
        self.closing = True
        self._wake()

    def catch_up(self) -> None:
        """From here on messages queue up again; the caller reads those before from the stream."""
        self.behind = False  # first: a mark that is set while the queue is emptied must stay
        self._empty()

    def take(self) -> Numbered | None:
        """The next live message; None when there is none for a while, or something else to do."""
        try:
            return self._queue.get(timeout=WAIT_S)
        except Empty:
            return None

    def _wake(self) -> None:
        self._empty()
        self._queue.put(None)

    def _empty(self) -> None:
        with contextlib.suppress(Empty):
            while True:
                self._queue.get_nowait()


class Hub:
    """Listens from the first watcher on; `redis` should be a patient connection."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._watchers: set[Watcher] = set()
        self._lock = threading.Lock()
        self._listening = False
        self._closed = False

    @contextlib.contextmanager
    def watcher(self, session_id: str | None) -> Iterator[Watcher]:
        watcher = Watcher(session_id)
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

    def close(self) -> None:
        """Tell every watcher to say goodbye."""
        self._closed = True
        for watcher in self._everyone():
            watcher.close()

    def _everyone(self) -> list[Watcher]:
        with self._lock:
            return list(self._watchers)

    def _follow(self) -> None:
        while not self._closed:
            try:
                self._listen()
            except Exception as error:  # noqa: BLE001 - whatever it was, those who watch need a new subscription
                logger.warning("progress messages do not arrive; subscribing again: %s", error)
                time.sleep(WAIT_S)

    def _listen(self) -> None:
        with self._redis.pubsub() as subscription:
            subscription.subscribe(PROGRESS)
            while not self._closed:
                message = subscription.get_message(timeout=WAIT_S)
                if message is None:
                    continue
                if message["type"] == "subscribe":
                    self._all_behind()
                elif message["type"] == "message":
                    self._spread(streams.parse(message["data"]))

    def _all_behind(self) -> None:
        for watcher in self._everyone():
            watcher.fall_behind()

    def _spread(self, message: streams.Message) -> None:
        ready = numbered(message)
        for watcher in self._everyone():
            if watcher.session_id in (None, message[1]["sessionId"]):
                watcher.offer(ready)
