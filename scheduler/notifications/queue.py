"""RQ's queue of notifications: one job for each receiver that events wait for.

The database says what waits and when a receiver may be tried, so that an emptied Redis loses nothing. RQ runs the jobs,
and repeats those that fail after the pause that they name.
"""

from contextlib import suppress

from redis import Redis
from rq import Queue
from rq.exceptions import NoSuchJobError
from rq.job import JobStatus
from rq.utils import now as rq_now

from api.http.redis import redis as connection
from api.http.settings import settings
from common.messaging.jobs.checked_job import RETRY, SERIALIZER, CheckedJob
from common.store.alerts import deliveries
from scheduler.notifications.sending import services

NAME = "notifications"
DELIVER = "scheduler.notifications.jobs.deliver"
MAX_RETRIES = 10_000
"""How often RQ may repeat a job. Events are given up by their age."""
FAILURE_TTL_S = 60
STALE = deliveries.LEASE
"""A job that has waited or run for longer may belong to a process that was killed."""


class NotificationJob(CheckedJob):
    """The job that sends a receiver what waits for it. Its id is the receiver's."""

    function = DELIVER
    fixed_fields = {  # noqa: RUF012 - as declared there
        "origin": (NAME,),
        "result": (RETRY, f'"{RETRY}"'),  # the second one is that of a job that was read and written again
    }


def notifications(redis: Redis) -> Queue:
    """Return RQ's queue of notifications."""
    return Queue(NAME, connection=redis, job_class=NotificationJob, serializer=SERIALIZER)


class Dispatch:
    """The duty that enqueues what is due: the retries that RQ keeps, and the receivers that it does not know of."""

    def __init__(self) -> None:
        self._has_services = False

    def run(self) -> None:
        """Enqueue jobs. With the first, the services of the settings become receivers."""
        if not self._has_services:
            services.register(settings().notifications)
            self._has_services = True
        queue = notifications(connection())
        _enqueue_retries(queue)
        for receiver_id in deliveries.due():
            _enqueue(queue, receiver_id)


def _enqueue_retries(queue: Queue) -> None:
    """Enqueue the jobs whose pause is over. RQ's own scheduler would read them without the check of their fields."""
    registry = queue.scheduled_job_registry
    for job_id in registry.get_jobs_to_schedule():
        with suppress(NoSuchJobError):
            queue.enqueue_job(NotificationJob.fetch(job_id, queue.connection))
        registry.remove(job_id)


def _enqueue(queue: Queue, receiver_id: str) -> None:
    """Enqueue the receiver's job unless it waits or runs. A second one would find that the first has the receiver."""
    with suppress(NoSuchJobError):
        job = NotificationJob.fetch(receiver_id, queue.connection)
        is_fresh = job.enqueued_at is not None and rq_now() - job.enqueued_at < STALE
        if job.get_status() in (JobStatus.QUEUED, JobStatus.STARTED) and is_fresh:
            return
        job.delete()
    queue.enqueue(DELIVER, receiver_id, job_id=receiver_id, job_timeout=-1, result_ttl=0, failure_ttl=FAILURE_TTL_S)
