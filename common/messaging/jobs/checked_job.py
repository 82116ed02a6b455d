"""RQ's jobs, and the refusal of every job that somebody else wrote to Redis.

RQ imports the functions that a job's hash names, calls its webhooks, and unpickles it unless another serializer is
given. Here a job is checked before RQ parses it: it calls its queue's own function with the job's id, and asks for
nothing else.
"""

import json
import zlib
from collections.abc import Iterable, Mapping
from typing import ClassVar, Self, cast
from uuid import UUID

import structlog
from redis import Redis
from rq.exceptions import NoSuchJobError
from rq.job import Job

logger = structlog.get_logger(__name__)

SERIALIZER = "json"
MAX_DATA_BYTES = 256
"""Length of a call after decompression. Gait's take a hundred bytes."""
MAX_SHOWN = 60
RETRY = "Unserializable return value"
"""What RQ writes as the result of a job that returned a Retry."""

PLAIN_FIELDS = frozenset(
    {
        *("created_at", "enqueued_at", "started_at", "ended_at", "last_heartbeat", "status", "worker_name"),
        *("timeout", "result_ttl", "failure_ttl", "stopped_callback_timeout", "description"),
        *("retries_left", "number_of_retries", "enqueue_at_front_on_retry"),
        *("rate_limit_key", "rate_limit_concurrency"),
    }
)
"""Fields of the hash that RQ reads as numbers, times and text."""


class RefusedJob(NoSuchJobError):
    """A job in Redis that no process of Gait has written."""


class CheckedJob(Job):
    """A job that calls `function` with its own id. `fixed_fields` are the others of its hash, with their texts."""

    function: ClassVar[str]
    fixed_fields: ClassVar[Mapping[str, tuple[str, ...]]]

    def __init__(self, id: str | None = None, connection: Redis | None = None, serializer: object = None) -> None:  # noqa: A002, ARG002 - RQ's signature
        super().__init__(id, connection, SERIALIZER)

    @classmethod
    def fetch(cls, id: str, connection: Redis | None = None, serializer: object = None) -> Self:  # noqa: A002, ARG003 - RQ's signature
        """Return the job.

        Raises:
            NoSuchJobError: if there is none. One that Gait has not written is deleted and counts as none.
        """
        try:
            return cast("Self", super().fetch(id, connection, SERIALIZER))
        except (ValueError, TypeError, AssertionError) as error:  # of RQ's parsers of ids, times and numbers
            raise _refused(connection, id, "it cannot be parsed") from error
        except RefusedJob as error:
            raise _refused(connection, id, str(error)) from None

    @classmethod
    def fetch_many(cls, job_ids: Iterable[str], connection: Redis, serializer: object = None) -> list[Job | None]:  # noqa: ARG003 - RQ's signature
        return [cls._fetch_or_none(job_id, connection) for job_id in job_ids]

    @classmethod
    def _fetch_or_none(cls, job_id: str, connection: Redis) -> Job | None:
        try:
            return cls.fetch(job_id, connection)
        except NoSuchJobError:
            return None

    def restore(self, raw_data: Mapping[bytes, bytes]) -> None:
        """Take over a job's hash.

        Raises:
            RefusedJob: if it is not the job with this id.
        """
        fields = {name.decode(errors="replace"): value for name, value in raw_data.items() if value}
        for name, value in fields.items():
            if name not in PLAIN_FIELDS and not self._is_own(name, value):
                raise RefusedJob(f"its field {name[:MAX_SHOWN]!r} is not one of Gait's")
        if "data" not in fields:
            raise NoSuchJobError(f"Job {self.id} is incomplete.")
        super().restore(raw_data)

    def _is_own(self, name: str, value: bytes) -> bool:
        if name == "data":
            return is_uuid(self.id) and _call(value) == [self.function, None, [self.id], {}]
        return value.decode(errors="replace") in self.fixed_fields.get(name, ())


def _call(data: bytes) -> object:
    """Return the function, instance and arguments of a job, or None if it is too long or not JSON."""
    stream = zlib.decompressobj()
    try:
        call = stream.decompress(data, MAX_DATA_BYTES)
        return json.loads(call) if stream.eof else None
    except (zlib.error, ValueError):
        return None


def is_uuid(text: str) -> bool:
    """Return whether the text is a UUID as the API writes session ids."""
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def _refused(redis: Redis | None, job_id: str, reason: str) -> RefusedJob:
    """Delete a job that is not Gait's, log that, and return the error."""
    if redis is not None:
        redis.delete(Job.key_for(job_id))
    logger.warning("a job that Gait has not written was refused and deleted", job=job_id[:MAX_SHOWN], reason=reason)
    return RefusedJob(f"Job {job_id} was refused: {reason}.")
