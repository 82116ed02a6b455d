"""The connection to Redis, and the name of every key of ours in it."""

from redis import Redis
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry

QUEUE = "sessions"
PROGRESS = "progress"
"""Both the pub/sub channel and the capped stream of every progress message."""

TEST_DURATIONS, RUN_DURATIONS = "durations:tests", "durations:runs"
"""How long they took: see common/messaging/durations.py."""


def progress_of(session_id: str) -> str:
    """The stream that holds one session's progress messages."""
    return f"progress:{session_id}"


def readings_of(host: str) -> str:
    """Both the pub/sub channel and the capped stream of a host's readings."""
    return f"readings:{host}"


def inventory_of(host: str) -> str:
    """The JSON of a host's hardware, as its sampler last saw it."""
    return f"inventory:{host}"


def connect(url: str, *, patient: bool = True) -> Redis:
    """A client of the server at `url`.

    A patient one waits about half a minute for a Redis that restarts, as workers and samplers should; an
    impatient one fails at once, so that the API can answer 503.
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
    """The Redis server's clock in milliseconds: the one clock that readings and windows share."""
    seconds, microseconds = redis.time()
    return int(seconds) * 1000 + int(microseconds) // 1000
