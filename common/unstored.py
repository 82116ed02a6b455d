"""The readings of a session that are not in the database yet: those after the last stored one, while Redis has them."""

from collections.abc import Iterator
from datetime import timedelta

from redis import Redis

from common import channels, queries, streams
from common.redis import clock_ms, readings_of
from common.series import Series
from common.units import now

MOST = 6000
"""Readings in one stretch: ten minutes of the usual ten a second."""


def unstored(redis: Redis, session_id: str, host: str) -> Iterator[Series]:
    """What the host's sampler has told until now and is not stored, in order, in stretches that can be stored."""
    until = clock_ms(redis)
    after = _stored_until(session_id, until)
    while found := streams.read(redis, readings_of(host), after=after, until=until, count=MOST):
        yield channels.series(found)
        after = found[-1][0]


def _stored_until(session_id: str, redis_now: int) -> int:
    """In ms of Redis's clock: the last stored reading, else when the session began, which a worker's clock has told."""
    span = queries.series_span(session_id)
    if span:
        return span[1]
    began = queries.started_at(session_id)
    return redis_now if began is None else redis_now - (now() - began) // timedelta(milliseconds=1)
