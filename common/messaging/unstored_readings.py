"""The readings of a session that are only in Redis: those after the last one in the database."""

from collections.abc import Iterator
from math import inf

from redis import Redis

from common.messaging import channels, streams
from common.messaging.redis import READINGS_BYTES, readings_of
from common.records.series import Series
from common.store.reads import sessions
from common.values.units import MILLISECOND, now

MAX_READINGS = 6000
"""Readings in one chunk: ten minutes at the default rate of ten per second."""
RECENT = 20
"""Readings by which the rate of the next ones is known."""
MS_PER_S = 1000


def unstored(redis: Redis, host: str, after: int, until: int) -> Iterator[Series]:
    """Yield the host's readings with `after < time <= until`, in order, in chunks that can be stored."""
    while found := streams.read(redis, readings_of(host), after=after, until=until, count=MAX_READINGS):
        yield channels.series(found)
        after = found[-1][0]


def lasting_s(redis: Redis, host: str) -> float:
    """Return how long Redis will keep the host's next readings, in s, as they come and as large as they are now."""
    ids = [seq for seq, _ in streams.newest(redis, readings_of(host), RECENT)]
    if len(ids) < RECENT:
        return inf
    each = (redis.memory_usage(readings_of(host)) or 0) / redis.xlen(readings_of(host))
    return READINGS_BYTES / each * (ids[0] - ids[-1]) / (RECENT - 1) / MS_PER_S


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
