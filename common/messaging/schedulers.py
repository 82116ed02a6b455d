"""The schedulers that run now: a sorted set of their names by the time of their last heartbeat."""

import os
import socket
from typing import cast

from redis import Redis

from common.messaging.redis import SCHEDULERS, clock_ms

HEARTBEAT_S = 5.0
TIMEOUT_MS = 60_000
"""How long after its last heartbeat a scheduler counts as running."""


def record_heartbeat(redis: Redis) -> None:
    """Note that this process runs, and forget those that have not for long."""
    now = clock_ms(redis)
    redis.zadd(SCHEDULERS, {_name(): now})
    redis.zremrangebyscore(SCHEDULERS, "-inf", now - TIMEOUT_MS)


def end(redis: Redis) -> None:
    """Note that this process ends."""
    redis.zrem(SCHEDULERS, _name())


def running(redis: Redis) -> list[str]:
    """Return the machines on which a scheduler runs, by the names that they have themselves."""
    names = cast("list[bytes]", redis.zrangebyscore(SCHEDULERS, clock_ms(redis) - TIMEOUT_MS, "+inf"))
    return [name.decode().rpartition(":")[0] for name in names]


def _name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"
