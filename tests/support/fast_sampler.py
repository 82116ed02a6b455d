"""A sampler that publishes what it is given, far more often than a real one."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from redis import Redis

from common.messaging import streams
from common.messaging.redis import readings_of
from sampler.readings import Reading

PERIOD_S = 0.002


@contextmanager
def sampler(redis: Redis, taken: Callable[[], Reading], host: str = "local") -> Iterator[None]:
    """Publishes a reading every few milliseconds, the first before anything else happens."""
    stop = threading.Event()

    def sample() -> None:
        while not stop.wait(PERIOD_S):
            publish()

    def publish() -> None:
        streams.append(redis, taken().message(), readings_of(host), keep=10_000)

    publish()
    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
