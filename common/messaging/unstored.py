"""The readings of a session that are not in the database yet: those after the last stored one, while Redis has them."""

from collections.abc import Iterator

from redis import Redis

from common.messaging import channels, streams
from common.messaging.redis import readings_of
from common.store import sessions
from common.telemetry.series import Series
from common.units import MILLISECOND, now

MOST = 6000
"""Readings in one stretch: ten minutes of the usual ten a second."""


def unstored(redis: Redis, host: str, after: int, until: int) -> Iterator[Series]:
    """What the host's sampler has told after one time until another, in order, in stretches that can be stored."""
    while found := streams.read(redis, readings_of(host), after=after, until=until, count=MOST):
        yield channels.series(found)
        after = found[-1][0]


def stored_span(session_id: str, redis_now: int) -> tuple[int, int]:
    """When the stored readings of a session begin and end, in ms of Redis's clock. Where there are none, they end when
    the session began, which its worker's clock has told, and begin after that.
    """
    span = sessions.series_span(session_id)
    if span:
        return span
    began = sessions.started_at(session_id)
    end = redis_now if began is None else redis_now - (now() - began) // MILLISECOND
    return end + 1, end
