"""The connection to Redis, and the names of Gait's keys in it."""

from redis import Redis
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry

QUEUE = "sessions"
PROGRESS = "progress"
"""Both the pub/sub channel and the capped stream of every progress message."""

TEST_DURATIONS, RUN_DURATIONS = "durations:tests", "durations:runs"
"""Hashes of histograms: see common/messaging/durations.py."""

ADDRESSES = "addresses"
"""Hash of the IP addresses that each host's name had when DNS answered last."""


def progress_of(session_id: str) -> str:
    """Return the stream of one session's progress messages."""
    return f"progress:{session_id}"


def readings_of(host: str) -> str:
    """Return the name of a host's readings, both of the pub/sub channel and of the capped stream."""
    return f"readings:{host}"


def inventory_of(host: str) -> str:
    """Return the key of a host's inventory as JSON."""
    return f"inventory:{host}"


def connect(url: str, *, patient: bool = True) -> Redis:
    """Return a client of the server at `url`.

    A patient client waits about half a minute for a Redis that restarts, as workers need. Other clients fail at once,
    so that the API can answer 503.
    """
    if not patient:
        return Redis.from_url(url, socket_connect_timeout=2)
    return Redis.from_url(
        url,
        retry=Retry(ExponentialBackoff(cap=1, base=0.1), 30),
        retry_on_error=[RedisConnectionError, RedisTimeoutError],
        health_check_interval=15,
    )


def clock_ms(redis: Redis) -> int:
    """Return the Redis server's time in milliseconds since 1970, the common clock of all machines."""
    seconds, microseconds = redis.time()
    return int(seconds) * 1000 + int(microseconds) // 1000
