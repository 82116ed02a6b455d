"""The connection to Redis, and the names of Gait's keys in it."""

from collections.abc import Callable
from typing import NoReturn

from redis import Redis

from common.messaging import redis_url
from common.messaging.redis_errors import RedisRefused, RetryPolicy, raise_error

CONNECT_TIMEOUT_S = 2
TIMEOUT_S = 5
"""How long a client that is not patient waits for an answer."""
HEALTH_CHECK_S = 15

QUEUE = "sessions"
PROGRESS = "progress"
"""Both the pub/sub channel and the capped stream of every progress message."""

TEST_DURATIONS, RUN_DURATIONS = "durations:tests", "durations:runs"
"""Hashes of histograms: see common/messaging/counts/durations.py."""

NOTIFICATION_COUNTS = "counts:notifications"
"""Hash: see common/messaging/counts/notification_counts.py."""

ADDRESSES = "addresses"
"""Hash of the IP addresses that each host's name had when DNS answered last."""

SCHEDULERS = "schedulers"
"""Sorted set of the schedulers that run: see common/messaging/schedulers.py."""


def progress_of(session_id: str) -> str:
    """Return the stream of one session's progress messages."""
    return f"progress:{session_id}"


def readings_of(host: str) -> str:
    """Return the name of a host's readings, both of the pub/sub channel and of the capped stream."""
    return f"readings:{host}"


READINGS_BYTES = 64_000_000
"""Memory of a host's readings in Redis. They last an hour at ten readings a second of up to 1.3 kB."""


def inventory_of(host: str) -> str:
    """Return the key of a host's inventory as JSON."""
    return f"inventory:{host}"


def loaded_on(host: str) -> str:
    """Return the set of the models that Gait has loaded on a host and not unloaded."""
    return f"loaded:{host}"


def connect(url: str, *, patient: bool = True, refused: Callable[[RedisRefused], NoReturn] = raise_error) -> Redis:
    """Return a client of the server at `url`.

    A patient client waits while Redis cannot be used, as workers need. Other clients fail at once, so that the API can
    answer 503. `refused` is called with an error that waiting cannot mend, and must raise.

    Raises:
        ConfigurationError: if the URL has an option that is unknown or wrong.
    """
    redis_url.check(url)
    timeouts = {"socket_connect_timeout": CONNECT_TIMEOUT_S, "health_check_interval": HEALTH_CHECK_S if patient else 0}
    if not patient:
        timeouts["socket_timeout"] = TIMEOUT_S
    return Redis.from_url(url, retry=RetryPolicy(patient=patient, refused=refused), **timeouts)


def check_writable(redis: Redis) -> None:
    """Send a write that changes nothing, because a Redis that refuses writes still answers reads and PING.

    Raises:
        RedisUnavailable: if Redis cannot be used now.
        RedisRefused: if it cannot be used with these settings.
    """
    redis.setrange("nothing", 0, "")  # an empty value creates no key


def clock_ms(redis: Redis) -> int:
    """Return the Redis server's time in milliseconds since 1970, the common clock of all machines."""
    seconds, microseconds = redis.time()
    return int(seconds) * 1000 + int(microseconds) // 1000
