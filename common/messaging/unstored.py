"""The readings of a session that are only in Redis: those after the last one in the database."""

from collections.abc import Iterator

from redis import Redis

from common.messaging import channels, streams
from common.messaging.redis import readings_of
from common.records.series import Series
from common.store import sessions
from common.units import MILLISECOND, now

MAX_READINGS = 6000
"""Readings in one chunk: ten minutes at the default rate of ten per second."""


def unstored(redis: Redis, host: str, after: int, until: int) -> Iterator[Series]:
    """Yield the host's readings with `after < time <= until`, in order, in chunks that can be stored."""
    while found := streams.read(redis, readings_of(host), after=after, until=until, count=MAX_READINGS):
        yield channels.series(found)
        after = found[-1][0]


def stored_span(session_id: str, redis_now: int) -> tuple[int, int]:
    """Return when the stored readings of a session begin and end, in ms of Redis's clock.

    If there are none, the end is the session's start by its worker's clock, and the begin is after it.
    """
    span = sessions.series_span(session_id)
    if span:
        return span
    began = sessions.started_at(session_id)
    end = redis_now if began is None else redis_now - (now() - began) // MILLISECOND
    return end + 1, end
