"""An RQ worker that notices dead workers within seconds and survives a restart of Redis.

RQ by itself notices a lost worker after one and a half minutes at best. Here a worker that runs a job renews its
registry entry every two seconds for twelve seconds. Every worker, busy or idle, looks for expired entries.
"""

import math
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import timedelta
from functools import partial
from types import FrameType
from typing import cast

import structlog
from redis import Redis
from redis.exceptions import LockNotOwnedError
from rq import Queue, Worker
from rq.executions import Execution
from rq.job import Job
from rq.rate_limit import RateLimitRegistry
from rq.registry import StartedJobRegistry, clean_registries
from rq.utils import now as rq_now
from rq.worker_registration import clean_worker_registry, register

from common.errors import Unavailable
from common.messaging.jobs import queue
from common.messaging.jobs.checked_job import SERIALIZER
from common.messaging.jobs.session_job import SessionJob
from common.messaging.redis_errors import RedisRefused, RedisUnavailable, RetryPolicy
from common.process.failures import with_cause
from common.process.parent_process import set_parent_death_signal
from common.store.database import checkpoint, database
from common.store.reads import sessions
from common.store.tables import Session
from common.values.bounded_json import parse_json
from common.values.units import now

logger = structlog.get_logger(__name__)

RENEW_S = 2
ENTRY_LIFE_S = 12
WORKER_LIFE_S = 17
"""An idle worker maintains the queue every WORKER_LIFE_S - 15 seconds."""
HEARTBEAT_MARGIN_S = 60
"""RQ's entry of an idle worker lives this much longer than WORKER_LIFE_S."""
STOP_JOB = "stop-job"
"""RQ's command that stops a job, as a cancellation sends it."""
MAINTENANCE_LOCK_S = 4
"""The holder renews the lock with every step."""
RECONCILE_S = 60
CHECKPOINT_S = 60
MIN_AGE = timedelta(seconds=30)
"""A younger session may still be on its way from the database to the queue."""


class SessionWorker(Worker):
    """A worker that runs each session in a child process, which dies with the worker."""

    def __init__(self, redis: Redis) -> None:
        super().__init__(
            [queue.sessions(redis)],
            connection=redis,
            job_class=SessionJob,
            serializer=SERIALIZER,
            job_monitoring_interval=RENEW_S,
            maintenance_interval=RENEW_S,
            worker_ttl=WORKER_LIFE_S,
        )
        self.reconciled_at = -math.inf
        self.checkpointed_at = -math.inf
        self.is_stopping = False

    @property
    def _policy(self) -> RetryPolicy:
        return cast("RetryPolicy", self.connection.get_retry())

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """Stop after the current run, or at once if Redis cannot pass the request on to the child."""
        self.is_stopping = True
        self._policy.patient = False
        try:
            super().request_stop(signum, frame)  # type: ignore[no-untyped-call]  # RQ's own
        except RedisUnavailable:
            logger.warning("stopping within a run, because Redis is unavailable")
            self.kill_horse()
            sys.exit()
        self._policy.patient = True

    def teardown(self) -> None:
        """Leave the queue. Without Redis, the worker's entries expire by themselves."""
        self._policy.patient = False
        with suppress(RedisUnavailable, RedisRefused):
            super().teardown()  # type: ignore[no-untyped-call]  # RQ's own

    def handle_payload(self, message: Mapping[str, bytes]) -> None:
        """Obey a command from the worker's channel if it stops a job. RQ has others, which Gait does not send."""
        try:
            is_stop = parse_json(message["data"])["command"] == STOP_JOB
        except (ValueError, TypeError, KeyError):
            is_stop = False
        if is_stop:
            super().handle_payload(message)  # type: ignore[no-untyped-call]  # RQ's own
        else:
            logger.warning("a command that Gait does not send was refused", channel=self.pubsub_channel_name)

    def get_heartbeat_ttl(self, job: Job, working_time: float = 0.0) -> int:  # noqa: ARG002 - RQ's signature
        return ENTRY_LIFE_S

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        """Run the job, and die if the worker dies: otherwise two processes would run the session at once."""
        set_parent_death_signal(self.pid, signal.SIGKILL)
        super().main_work_horse(job, queue)

    def maintain_heartbeats(self, job: Job, execution: Execution) -> None:
        super().maintain_heartbeats(job, execution)
        self.run_maintenance_tasks()

    def run_maintenance_tasks(self) -> None:
        """Maintain this worker's own entry and the queue.

        The entry is lost if Redis was emptied, or was unavailable for longer than the entry lives.
        """
        if not self._is_registered():
            with self.connection.pipeline() as pipeline:
                pipeline.hset(self.key, mapping={**self.serialize(), "state": self.get_state()})
                pipeline.expire(self.key, self.worker_ttl + HEARTBEAT_MARGIN_S)
                register(self, pipeline)
                pipeline.execute()
            logger.warning("the worker's lost entry in Redis was made again")
        super().run_maintenance_tasks()  # type: ignore[no-untyped-call]  # RQ's own
        if time.monotonic() - self.checkpointed_at >= CHECKPOINT_S:
            self._checkpoint()

    def _checkpoint(self) -> None:
        """Copy what the API and the sessions have written from SQLite's log into its file, in a process that waits."""
        self.checkpointed_at = time.monotonic()
        try:
            with database.connection_context():
                checkpoint()
        except Unavailable as error:  # RQ would end the worker for it
            logger.warning("the write-ahead log stays as it is for a minute", reason=with_cause(error))

    def _is_registered(self) -> bool:
        listed = self.connection.sismember(self.redis_workers_keys, self.key)
        return bool(listed and self.connection.hexists(self.key, "birth"))

    def clean_registries(self) -> None:
        """Requeue jobs abandoned by dead workers.

        One worker does so at a time, because two would requeue a job twice. RQ's own lock would stay for a quarter of
        an hour after its holder was killed.
        After a time without Redis, living workers renew their entries first.
        """
        if time.monotonic() - self._policy.waited_at < ENTRY_LIFE_S:
            return
        lock = self.connection.lock("maintenance", timeout=MAINTENANCE_LOCK_S, blocking=False)
        if not lock.acquire():
            return
        try:
            for step in self._maintenance():
                step()
                lock.reacquire()
        except LockNotOwnedError:
            logger.warning("another worker took over the maintenance of the queue")
        finally:
            if lock.owned():
                lock.release()
        self.last_cleaned_at = rq_now()  # type: ignore[assignment]  # RQ declares its None alone

    def _maintenance(self) -> Iterator[Callable[[], object]]:
        """Yield steps of milliseconds each, so that the lock of a worker that dies expires soon."""
        jobs = self.queues[0]
        yield partial(clean_registries, jobs)
        yield partial(clean_worker_registry, jobs)
        yield partial(jobs.intermediate_queue.cleanup, self, jobs)
        yield from (limit.cleanup for limit in RateLimitRegistry.all(self.connection))
        yield from (partial(self._restore, session) for session in self._unfinished())

    def _unfinished(self) -> list[Session]:
        """Return, once a minute, the sessions that the database knows as unfinished and Redis may have lost."""
        if time.monotonic() - self.reconciled_at < RECONCILE_S:
            return []
        self.reconciled_at = time.monotonic()
        try:
            with database.connection_context():
                return sessions.unfinished()
        except Unavailable as error:  # RQ would end the worker for it
            logger.warning("lost sessions are looked for again in a minute", reason=with_cause(error))
            return []

    def _restore(self, session: Session) -> None:
        # A session that seems to come from the future counts as old: the clock was set back.
        if abs(now() - session.created_at) > MIN_AGE and queue.restore(self.connection, session.id, session.machine):
            logger.warning("a lost session was put back on the queue", session=session.id)

    # A worker that was frozen until another took over its job must not report on it any more.

    def handle_job_failure(
        self,
        job: Job,
        queue: Queue,
        started_job_registry: StartedJobRegistry | None = None,
        exc_string: str = "",
        execution: Execution | None = None,
    ) -> None:
        if execution is not None and self._superseded(execution):
            logger.warning("another worker took over the job", job=job.id)
            return
        super().handle_job_failure(job, queue, started_job_registry, exc_string, execution)

    def _finalize_success(self, job: Job, queue: Queue, execution: Execution, return_value: object) -> None:
        if self._superseded(execution):
            os._exit(os.EX_OK)  # ends the child, so that the worker has nothing to report
        super()._finalize_success(job, queue, execution, return_value)

    def _superseded(self, execution: Execution) -> bool:
        entry = StartedJobRegistry(queue=self.queues[0])
        return self.connection.zscore(entry.key, execution.composite_key) is None
