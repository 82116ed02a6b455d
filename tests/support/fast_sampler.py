"""A sampler that publishes given readings, far more often than a real one."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from redis import Redis

from common.messaging import streams
from common.messaging.redis import readings_of
from sampler.readings import Reading

PERIOD_S = 0.002


@contextmanager
def sampler(redis: Redis, take: Callable[[], Reading], host: str = "local") -> Iterator[None]:
    """Publish a reading every few milliseconds. The first is published before the block begins."""
    stop = threading.Event()

    def sample() -> None:
        while not stop.wait(PERIOD_S):
            publish()

    def publish() -> None:
        streams.append(redis, take().message(), readings_of(host), keep=10_000)

    publish()
    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
