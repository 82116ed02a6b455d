"""The queue of sessions: one RQ job per session, and one running session per machine.

RQ's rate limit admits the waiting jobs of a machine by whole seconds, then by job id. Session ids sort by time, so the
order is that of submission.
"""

import contextlib

from redis import Redis
from redis.lock import Lock
from rq import Callback, Queue, Retry
from rq.command import send_stop_job_command
from rq.exceptions import InvalidJobOperation, NoSuchJobError
from rq.job import JobStatus
from rq.rate_limit import RateLimit, RateLimitRegistry

from common.messaging.jobs.checked_job import SERIALIZER
from common.messaging.jobs.session_job import RUN_SESSION, SESSION_STOPPED, SessionJob
from common.messaging.redis import QUEUE

MAX_RESTARTS = 10_000
"""How often RQ may restart a job. A session without progress ends earlier, by its number of failed claims."""

WAITING = (JobStatus.QUEUED, JobStatus.RATE_LIMITED)
ENDED = (JobStatus.FINISHED, JobStatus.FAILED, JobStatus.STOPPED, JobStatus.CANCELED)
LOCK_TIMEOUT_S = 5
"""How long the lock of a process that died while it enqueued blocks others. Enqueuing takes milliseconds."""
RESULT_TTL_S = 3600
FAILURE_TTL_S = 86_400


def sessions(redis: Redis) -> Queue:
    """Return RQ's queue of sessions, which reads and writes jobs of sessions alone."""
    return Queue(QUEUE, connection=redis, job_class=SessionJob, serializer=SERIALIZER)


def enqueue(redis: Redis, session_id: str, machine: str) -> None:
    """Put a session on the queue, unless it is there already.

    The lock is needed because RQ alone would add the session twice if two processes enqueued it at once.
    """
    with _lock(redis, session_id):
        if not SessionJob.exists(session_id, connection=redis):
            _enqueue(redis, session_id, machine)


def _lock(redis: Redis, session_id: str) -> Lock:
    return Lock(redis, f"enqueue:{session_id}", timeout=LOCK_TIMEOUT_S)


def _enqueue(redis: Redis, session_id: str, machine: str) -> None:
    """Enqueue the job. RQ writes the job and its place in the queue in one transaction."""
    sessions(redis).enqueue(
        RUN_SESSION,
        session_id,
        job_id=session_id,
        job_timeout=-1,  # a session has no time limit, because each of its requests has one
        result_ttl=RESULT_TTL_S,
        failure_ttl=FAILURE_TTL_S,
        retry=Retry(max=MAX_RESTARTS),
        on_stopped=Callback(SESSION_STOPPED),
        rate_limit=RateLimit(rate_limit_key(machine), concurrency=1),
    )


def restore(redis: Redis, session_id: str, machine: str) -> bool:
    """Enqueue an unfinished session again if its job is missing or has ended. Return whether it was enqueued."""
    try:
        job = SessionJob.fetch(session_id, redis)
    except NoSuchJobError:
        enqueue(redis, session_id, machine)
        return True
    if job.get_status() not in ENDED:
        return False
    job.delete()
    enqueue(redis, session_id, machine)
    return True


def move(redis: Redis, session_id: str, machine: str) -> bool:
    """Let a session wait for another machine, among the sessions of its age.

    Return False if it has started or is not queued.
    """
    with _lock(redis, session_id):
        try:
            job = SessionJob.fetch(session_id, redis)
        except NoSuchJobError:
            return False
        if job.get_status() not in WAITING:
            return False
        job.delete()
        _enqueue(redis, session_id, machine)
        # RQ orders by the time at which a job began to wait, and this one began when it was created.
        waiting = RateLimitRegistry(rate_limit_key(machine), redis).rate_limited_key
        redis.zadd(waiting, {session_id: int(job.created_at.timestamp())}, xx=True)
    return True


def withdraw(redis: Redis, session_id: str) -> None:
    """Remove a session from the queue, or stop the worker that runs it. A missing session is not an error."""
    try:
        job = SessionJob.fetch(session_id, redis)
    except NoSuchJobError:
        return
    if job.get_status() == JobStatus.STARTED:
        with contextlib.suppress(InvalidJobOperation):  # it has ended in the meantime
            send_stop_job_command(redis, session_id, serializer=SERIALIZER)
        return
    with contextlib.suppress(InvalidJobOperation):  # it was cancelled or has ended in the meantime
        job.cancel()
    job.delete()


def rate_limit_key(machine: str) -> str:
    """Return the key of RQ's rate limit, which lets one session at a time run on the machine.

    It begins with `host:`, as in releases that had one queue per host, so that jobs of theirs share it.
    """
    return f"host:{machine}"
