"""Redis that cannot be used: what is wrong with it, and what its clients do then.

Every command of every client passes `RetryPolicy`. An error that may pass, such as a full disk or a restart, is waited
for, or raised as `RedisUnavailable` where nobody may wait. An error that lasts until a person corrects it, such as a
wrong password, is raised as `RedisRefused`. The codes are those at the beginning of Redis's error replies
(https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors).
"""

import logging
import re
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from itertools import count
from ssl import SSLCertVerificationError
from typing import NoReturn, Self, TypeVar

from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, InvalidResponse, RedisError, WatchError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry

from common.errors import ConfigurationError, Unavailable

Result = TypeVar("Result")

MIN_PAUSE_S, MAX_PAUSE_S = 0.1, 1.0
LOG_INTERVAL_S = 60.0

NO_RESPONSE = "Redis does not respond. Check that it is running and that REDIS_URL has its address (rediss:// for TLS)."
WRONG_PASSWORD = "Redis refuses the user name or the password. Correct them in REDIS_URL."  # noqa: S105 - a sentence
CLUSTER = "Redis runs in cluster mode. Set REDIS_URL to a Redis without it."

PASSING = {
    "MISCONF": "Redis refuses writes because it cannot save to its disk. Free space there; Redis's log has the cause.",
    "READONLY": "Redis refuses writes because it is a read-only replica. Promote it, or set REDIS_URL to its primary.",
    "OOM": "Redis refuses writes because its memory is full. Raise its maxmemory.",
    "NOREPLICAS": "Redis refuses writes because too few replicas are connected. Start them, or lower its "
    "min-replicas-to-write.",
    "LOADING": "Redis is loading its data and answers when it has finished. Wait until then.",
    "BUSY": "Redis is running a long script. Wait, or stop it with SCRIPT KILL.",
    "MASTERDOWN": "Redis is a replica that has lost its primary. Start the primary, or promote the replica.",
    "UNBLOCKED": "Redis has just become a replica. Promote it, or set REDIS_URL to its primary.",
    "CLUSTERDOWN": "The cluster of Redis is down. Start its nodes.",
    "TRYAGAIN": "The cluster of Redis is moving keys. Wait until it has finished.",
    "ERR max number of clients": "Redis has too many connections. Raise its maxclients, or close other connections.",
}
"""What is wrong and what to do, by the code of errors that may pass by themselves or by an operator's action."""

LASTING = {
    "NOAUTH": "Redis requires a password. Set it in REDIS_URL: redis://:PASSWORD@HOST:6379/0.",
    "WRONGPASS": WRONG_PASSWORD,
    "NOPERM": "Redis refuses a command because the user in REDIS_URL lacks a permission. Give the API and workers all "
    "keys, channels and commands (ACL SETUSER NAME ~* &* +@all), or those that docs/operating.md lists.",
    "DENIED": "Redis is in protected mode and refuses other machines. Set a password for it.",
    "WRONGTYPE": "Another program uses Gait's keys in Redis. Give Gait a database of its own, the number at the end of "
    "REDIS_URL.",
    "MOVED": CLUSTER,
    "ASK": CLUSTER,
    "CROSSSLOT": CLUSTER,
    "ERR unknown command": "Redis does not know a command that Gait needs. Use Redis 6.2 or newer, with all commands.",
    "ERR DB index": "Redis has no database of this number. Correct the number at the end of REDIS_URL.",
    "ERR invalid DB index": "The number of the database is not valid. Correct the end of REDIS_URL.",
}
"""The same for errors that last until Gait's settings or Redis's are corrected."""

NOT_REDIS = "The server at REDIS_URL does not answer as a Redis does. Correct the address."
UNTRUSTED = "The certificate of Redis is not trusted. Set SSL_CERT_FILE to the file of its authority."

# A code is at the beginning, or inside another error: of a transaction, of an aborted EXEC, or of a script.
_CODE = re.compile(rf"(?:^|caused error: |because of: |: -)({'|'.join([*PASSING, *LASTING])})\b")

logger = logging.getLogger(__name__)


class RedisUnavailable(Unavailable, RedisError):
    """Redis cannot be used now. A later attempt may succeed."""


class RedisRefused(ConfigurationError, RedisError):
    """Redis cannot be used with these settings. Waiting does not help."""


def diagnose(error: RedisError) -> RedisError:
    """Return what is wrong with Redis, or the error itself if it says nothing about that."""
    if isinstance(error, RedisUnavailable | RedisRefused):
        return error
    found = _CODE.search(f"{error.status_code} {error}" if error.status_code else str(error))
    code = found[1] if found else None
    if code in PASSING:
        return RedisUnavailable(PASSING[code])
    if code in LASTING:
        return RedisRefused(LASTING[code])
    return _without_code(error)


def _without_code(error: RedisError) -> RedisError:
    """Diagnose an error that is not a reply of Redis, or a reply of an older Redis about a password."""
    if isinstance(error, AuthenticationError):
        return RedisRefused(WRONG_PASSWORD)
    if isinstance(error, InvalidResponse):
        return RedisRefused(NOT_REDIS)
    if isinstance(error.__context__, SSLCertVerificationError):
        return RedisRefused(UNTRUSTED)
    if isinstance(error, RedisConnectionError | RedisTimeoutError):
        return RedisUnavailable(NO_RESPONSE)
    return error


def raise_error(error: RedisRefused) -> NoReturn:
    raise error


class RetryPolicy(Retry):
    """What the connections of a client do with an error. They share one policy.

    A `patient` client waits as long as it takes. `refused` is called with an error that waiting cannot mend, and must
    raise. `waited_at` is when the client last waited, by the monotonic clock.
    """

    def __init__(self, *, patient: bool, refused: Callable[[RedisRefused], NoReturn] = raise_error) -> None:
        super().__init__(NoBackoff(), 0, (RedisError,))
        self.patient = patient
        self.waited_at = float("-inf")
        self._refused = refused
        self._logged_at = float("-inf")

    def __deepcopy__(self, _memo: object) -> Self:
        return self

    def call_with_retry(  # the parameters are redis-py's
        self,
        do: Callable[[], Result],
        fail: Callable[..., object],
        is_retryable: Callable[[Exception], bool] | None = None,  # noqa: ARG002
        with_failure_count: bool = False,  # noqa: FBT001, FBT002
    ) -> Result:
        """Call `do`, and again after errors that may pass. `fail` prepares the connection for another attempt.

        Raises:
            RedisUnavailable: if Redis cannot be used now and the client is not patient.
            RedisError: if waiting does not help.
        """
        for failures in count(1):
            try:
                result = do()
            except RedisError as error:
                self._wait_or_raise(error, failures, partial(fail, *(error, failures)[: 1 + with_failure_count]))
            else:
                if failures > 1:
                    self._log_end()
                return result
        raise AssertionError("count never ends")

    def _wait_or_raise(self, error: RedisError, failures: int, again: Callable[[], object]) -> None:
        """Wait and prepare for another attempt, or raise what is wrong."""
        error.args = (str(error).rpartition("caused error: ")[2],)  # without the command, which may contain data
        found = diagnose(error)
        if found is error:
            raise error
        if isinstance(found, RedisRefused):
            self._refused(found)
        if not self.patient:
            with suppress(WatchError):  # it asks for another attempt
                again()
            raise found from error
        self._log_wait(found, error)
        time.sleep(min(MAX_PAUSE_S, MIN_PAUSE_S * 2 ** (failures - 1)))
        self.waited_at = time.monotonic()
        again()  # after the pause, because its WatchError makes RQ try again at once

    def _log_wait(self, found: RedisError, error: RedisError) -> None:
        if time.monotonic() - self._logged_at > LOG_INTERVAL_S:
            self._logged_at = time.monotonic()
            logger.warning("waiting for Redis: %s (%s)", found, error)

    def _log_end(self) -> None:
        self._logged_at = float("-inf")
        logger.info("Redis can be used again")
