"""RQ's worker for notifications, in threads of the scheduler, so that one slow receiver does not hold up the others."""

import logging

from rq import SimpleWorker
from rq.timeouts import TimerDeathPenalty

from api.http.redis import redis
from common.messaging.jobs.checked_job import SERIALIZER
from scheduler.notifications.queue import NotificationJob, notifications

WORKERS = 4
"""Receivers that are sent to at once."""


class DeliveryWorker(SimpleWorker):
    """A worker that runs in any thread: without signals and without RQ's commands, which Gait does not send."""

    death_penalty_class = TimerDeathPenalty

    def _install_signal_handlers(self) -> None:
        """Leave signals to the process."""

    def subscribe(self) -> None:
        """Receive no commands."""

    def unsubscribe(self) -> None:
        """Receive no commands."""

    def procline(self, message: str) -> None:
        """Leave the process its name."""


def work() -> None:
    """Run the jobs of the queue until it is empty."""
    queue = notifications(redis())
    if queue.count:
        worker = DeliveryWorker(
            [queue],
            connection=queue.connection,
            job_class=NotificationJob,
            serializer=SERIALIZER,
        )
        worker.work(burst=True, logging_level=logging.getLevelName(logging.WARNING))
