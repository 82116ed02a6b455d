import importlib
import inspect
import threading

import pytest
import uuid_utils
from redis import Redis
from rq import Queue, SimpleWorker
from rq.job import Job, JobStatus

from common.messaging.jobs import queue
from common.messaging.jobs.session_job import RUN_SESSION, SessionJob
from testbed.stored.queued import waiting

S1, S2, S3 = (str(uuid_utils.uuid7()) for _ in range(3))


@pytest.fixture
def sessions(redis: Redis) -> Queue:
    return queue.sessions(redis)


def job(redis: Redis, session_id: str) -> SessionJob:
    return SessionJob.fetch(session_id, redis)


def admitted(redis: Redis, sessions: Queue) -> list[str]:
    """Return the jobs that a worker may take now. RQ admits a host's jobs when a worker runs its maintenance."""
    SimpleWorker([sessions], connection=redis, job_class=SessionJob).run_maintenance_tasks()
    return sessions.job_ids


def test_the_job_names_a_function_of_the_worker_that_takes_a_session_id() -> None:
    module, _, function = RUN_SESSION.rpartition(".")
    assert module.partition(".")[0] == "worker"
    assert inspect.signature(getattr(importlib.import_module(module), function)).parameters.keys() == {"session_id"}


def test_a_session_is_enqueued_by_the_name_of_its_function(redis: Redis) -> None:
    queue.enqueue(redis, S1, "local")
    enqueued = job(redis, S1)
    assert (enqueued.func_name, enqueued.args, enqueued.timeout) == ("worker.jobs.run_session", [S1], -1)


def test_a_queued_session_keeps_its_place(redis: Redis, sessions: Queue) -> None:
    for session_id in (S1, S2, S1):
        queue.enqueue(redis, session_id, "local")
    assert [*sessions.job_ids, *waiting(redis, "local")] == [S1, S2]


def test_two_processes_enqueue_a_session_one_after_the_other(redis: Redis, sessions: Queue) -> None:
    with redis.lock(f"enqueue:{S1}"):
        other = threading.Thread(target=queue.enqueue, args=(redis, S1, "local"))
        other.start()
        other.join(0.2)  # enough time for a thread that would not wait
        assert other.is_alive()
        assert not Job.exists(S1, connection=redis)
    other.join()
    queue.enqueue(redis, S1, "local")
    assert [*sessions.job_ids, *waiting(redis, "local")] == [S1]


def test_one_session_of_each_host_is_admitted_in_order(redis: Redis, sessions: Queue) -> None:
    ids = [str(uuid_utils.uuid7()) for _ in range(6)]
    for number, session_id in enumerate(ids):
        queue.enqueue(redis, session_id, ("one", "other")[number % 2])
    assert admitted(redis, sessions) == ids[:2]
    assert waiting(redis, "one") == ids[2::2]
    assert waiting(redis, "other") == ids[3::2]
    assert waiting(redis, "nobody") == []


@pytest.mark.parametrize("status", [JobStatus.FINISHED, JobStatus.FAILED, JobStatus.STOPPED, JobStatus.CANCELED])
def test_an_ended_or_lost_job_can_be_restored(redis: Redis, sessions: Queue, status: JobStatus) -> None:
    queue.enqueue(redis, S1, "local")
    sessions.empty()
    assert queue.restore(redis, S1, "local")
    job(redis, S1).set_status(status)
    assert queue.restore(redis, S1, "local")
    assert job(redis, S1).get_status() not in queue.ENDED
    assert [*sessions.job_ids, *waiting(redis, "local")].count(S1) == 1


def test_a_waiting_or_running_job_is_not_restored(redis: Redis) -> None:
    queue.enqueue(redis, S1, "local")
    queue.enqueue(redis, S2, "local")
    assert not queue.restore(redis, S1, "local")
    assert not queue.restore(redis, S2, "local")
    job(redis, S1).set_status(JobStatus.STARTED)
    assert not queue.restore(redis, S1, "local")


def test_a_waiting_session_can_be_withdrawn(redis: Redis, sessions: Queue) -> None:
    for session_id in (S1, S2, S3):
        queue.enqueue(redis, session_id, "local")
    queue.withdraw(redis, S2)
    assert waiting(redis, "local") == [S3]
    queue.withdraw(redis, S1)
    queue.withdraw(redis, S1)
    queue.withdraw(redis, "nobody")
    assert admitted(redis, sessions) == [S3]
    assert not Job.exists(S1, connection=redis)
