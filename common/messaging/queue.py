"""The queue of sessions: one RQ job a session, and on each host one at a time.

RQ's rate limit admits the waiting jobs of a host in the order of whole seconds, then of job ids; session ids sort by
time, so the order is that of submission.
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
"""Enqueued by name: the API never imports the worker."""

RESTARTS = 10_000
"""How often RQ may start a job again. A session that gets nowhere is ended by its count of fruitless claims."""

SERIALIZER = "json"
ENDED = (JobStatus.FINISHED, JobStatus.FAILED, JobStatus.STOPPED, JobStatus.CANCELED)
LOCK_S = 5
"""Who dies while it puts a session on the queue keeps others from it for so long; it takes milliseconds."""
KEEP_S = 3600
KEEP_FAILED_S = 86_400


def enqueue(redis: Redis, session_id: str, host: str) -> None:
    """Put a session on the queue. A session that is there already stays where it is, also where two put it there at
    once: RQ alone would then have it there twice.
    """
    with redis.lock(f"enqueue:{session_id}", timeout=LOCK_S):
        if not Job.exists(session_id, connection=redis):
            _enqueue(redis, session_id, host)


def _enqueue(redis: Redis, session_id: str, host: str) -> None:
    """RQ writes the job and its place in the queue in one transaction."""
    Queue(QUEUE, connection=redis, serializer=SERIALIZER).enqueue(
        RUN_SESSION,
        session_id,
        job_id=session_id,
        job_timeout=-1,  # a session takes as long as its models need; what hangs is ended by time-outs on requests
        result_ttl=KEEP_S,
        failure_ttl=KEEP_FAILED_S,
        retry=Retry(max=RESTARTS),
        rate_limit=RateLimit(limit_of(host), concurrency=1),
    )


def restore(redis: Redis, session_id: str, host: str) -> bool:
    """Put back an unfinished session that is on the queue no more, or whose job has ended. Returns whether it did."""
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
    """Take a session off the queue, or stop the worker that runs it. One that is gone already is fine."""
    try:
        job = Job.fetch(session_id, connection=redis, serializer=SERIALIZER)
    except NoSuchJobError:
        return
    if job.get_status() == JobStatus.STARTED:
        with contextlib.suppress(InvalidJobOperation):  # it ended this moment
            send_stop_job_command(redis, session_id, serializer=SERIALIZER)
        return
    with contextlib.suppress(InvalidJobOperation):  # it was cancelled or has ended this moment
        job.cancel()
    job.delete()


def limit_of(host: str) -> str:
    """RQ's name for what lets one session at a time run on the host."""
    return f"host:{host}"
