"""Progress messages that are stored in Redis: those of one stream, or those of all unfinished sessions."""

import heapq
import threading
from collections.abc import Iterator
from operator import itemgetter

from redis import Redis

from common.messaging import streams
from common.messaging.redis import PROGRESS, progress_of
from common.store.reads import sessions

PAGE = 500
MAX_READERS = 8
"""Clients that read a stream at once. Each uses a connection to Redis, and after a restart all clients read."""

_readers = threading.Semaphore(MAX_READERS)


def messages(redis: Redis, stream: str, after: int, until: int | None = None) -> Iterator[streams.Message]:
    """Yield the messages with `after < seq <= until`, in order. Those that are added meanwhile may be missing."""
    while True:
        with _readers:
            page = streams.read(redis, stream, after=after, until=until, count=PAGE)
        yield from page
        if len(page) < PAGE:
            return  # a thousand readers would never reach the end of the stream
        after = page[-1][0]


def of_unfinished(redis: Redis, after: int, until: int) -> Iterator[streams.Message]:
    """Yield the messages of all unfinished sessions with `after < seq <= until`, in order."""
    found = [messages(redis, progress_of(session_id), after, until) for session_id in sessions.unfinished_ids()]
    return heapq.merge(*found, key=itemgetter(0))


def newest(redis: Redis, stream: str) -> streams.Message | None:
    """Return the newest message of a stream, or None if there is none."""
    return next(iter(streams.newest(redis, stream)), None)


def newest_seq(redis: Redis) -> int:
    """Return the seq of the newest message of all sessions, or 0 if there is none."""
    last = newest(redis, PROGRESS)
    return last[0] if last else 0
