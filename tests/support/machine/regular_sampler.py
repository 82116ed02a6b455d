"""A sampler that publishes given readings in exact periods, however busy the machine is.

Nothing runs between two looks at the readings: the first who reads them gets all that were due until then.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from redis import Redis

from common.messaging import streams
from common.messaging.redis import clock_ms, readings_of
from sampler.readings import Reading
from worker.machine import readings
from worker.machine.readings import ReadingWindow

PERIOD_MS = 5

Take = Callable[[int], Reading]
"""Returns the reading at a time, in ms of Redis's clock."""


@contextmanager
def sampler(redis: Redis, take: Take, host: str = "local") -> Iterator[None]:
    """Publish a reading every five milliseconds, from the beginning of the block to its end."""
    read = readings.read

    def publish_and_read(redis: Redis, host: str, start: float, end: float) -> ReadingWindow:
        _publish_due(redis, host, take)
        return read(redis, host, start, end)

    _publish(redis, host, take, clock_ms(redis))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(readings, "read", publish_and_read)
        yield
    _publish_due(redis, host, take)


def _publish_due(redis: Redis, host: str, take: Take) -> None:
    ((last, _),) = streams.newest(redis, readings_of(host))
    with redis.pipeline() as pipeline:
        for at in range(last + PERIOD_MS, clock_ms(redis) + 1, PERIOD_MS):
            _publish(pipeline, host, take, at)
        pipeline.execute()


def _publish(client: Redis, host: str, take: Take, at: int) -> None:
    client.xadd(readings_of(host), {"json": json.dumps(take(at).message())}, f"{at}-0")
