"""The queue of sessions: one RQ job per session, and one running session per host.

RQ's rate limit admits the waiting jobs of a host by whole seconds, then by job id. Session ids sort by time, so the
order is that of submission.
"""

import contextlib

from redis import Redis
from rq import Queue, Retry
from rq.command import send_stop_job_command
from rq.exceptions import InvalidJobOperation, NoSuchJobError
from rq.job import Job, JobStatus
from rq.rate_limit import RateLimit

from common.messaging.redis import QUEUE

RUN_SESSION = "worker.jobs.run_session"
"""The job is enqueued by name, because the API does not import the worker."""

MAX_RESTARTS = 10_000
"""How often RQ may restart a job. A session without progress ends earlier, by its number of failed claims."""

SERIALIZER = "json"
ENDED = (JobStatus.FINISHED, JobStatus.FAILED, JobStatus.STOPPED, JobStatus.CANCELED)
LOCK_TIMEOUT_S = 5
"""How long the lock of a process that died while it enqueued blocks others. Enqueuing takes milliseconds."""
RESULT_TTL_S = 3600
FAILURE_TTL_S = 86_400


def enqueue(redis: Redis, session_id: str, host: str) -> None:
    """Put a session on the queue, unless it is there already.

    The lock is needed because RQ alone would add the session twice if two processes enqueued it at once.
    """
    with redis.lock(f"enqueue:{session_id}", timeout=LOCK_TIMEOUT_S):
        if not Job.exists(session_id, connection=redis):
            _enqueue(redis, session_id, host)


def _enqueue(redis: Redis, session_id: str, host: str) -> None:
    """Enqueue the job. RQ writes the job and its place in the queue in one transaction."""
    Queue(QUEUE, connection=redis, serializer=SERIALIZER).enqueue(
        RUN_SESSION,
        session_id,
        job_id=session_id,
        job_timeout=-1,  # a session has no time limit, because each of its requests has one
        result_ttl=RESULT_TTL_S,
        failure_ttl=FAILURE_TTL_S,
        retry=Retry(max=MAX_RESTARTS),
        rate_limit=RateLimit(rate_limit_key(host), concurrency=1),
    )


def restore(redis: Redis, session_id: str, host: str) -> bool:
    """Enqueue an unfinished session again if its job is missing or has ended. Return whether it was enqueued."""
    try:
        job = Job.fetch(session_id, connection=redis, serializer=SERIALIZER)
    except NoSuchJobError:
        enqueue(redis, session_id, host)
        return True
    if job.get_status() not in ENDED:
        return False
    job.delete()
    enqueue(redis, session_id, host)
    return True


def withdraw(redis: Redis, session_id: str) -> None:
    """Remove a session from the queue, or stop the worker that runs it. A missing session is not an error."""
    try:
        job = Job.fetch(session_id, connection=redis, serializer=SERIALIZER)
    except NoSuchJobError:
        return
    if job.get_status() == JobStatus.STARTED:
        with contextlib.suppress(InvalidJobOperation):  # it has ended in the meantime
            send_stop_job_command(redis, session_id, serializer=SERIALIZER)
        return
    with contextlib.suppress(InvalidJobOperation):  # it was cancelled or has ended in the meantime
        job.cancel()
    job.delete()


def rate_limit_key(host: str) -> str:
    """Return the key of RQ's rate limit, which lets one session at a time run on the host."""
    return f"host:{host}"
