import importlib
import inspect
import threading
import time

import pytest
from redis import Redis
from rq import Queue, SimpleWorker
from rq.job import Job, JobStatus

from common.messaging import queue
from common.messaging.redis import QUEUE
from testbed.queued import waiting


@pytest.fixture
def sessions(redis: Redis) -> Queue:
    return Queue(QUEUE, connection=redis, serializer=queue.SERIALIZER)


def job(redis: Redis, session_id: str) -> Job:
    return Job.fetch(session_id, connection=redis, serializer=queue.SERIALIZER)


def admitted(redis: Redis, sessions: Queue) -> list[str]:
    """Return the jobs that a worker may take now. RQ admits a host's jobs when a worker runs its maintenance."""
    SimpleWorker([sessions], connection=redis, serializer=queue.SERIALIZER).run_maintenance_tasks()
    return sessions.job_ids


def test_the_job_names_a_function_of_the_worker_that_takes_a_session_id() -> None:
    module, _, function = queue.RUN_SESSION.rpartition(".")
    assert module.partition(".")[0] == "worker"
    assert inspect.signature(getattr(importlib.import_module(module), function)).parameters.keys() == {"session_id"}


def test_a_session_is_enqueued_by_the_name_of_its_function(redis: Redis) -> None:
    queue.enqueue(redis, "s1", "local")
    enqueued = job(redis, "s1")
    assert (enqueued.func_name, enqueued.args, enqueued.timeout) == ("worker.jobs.run_session", ["s1"], -1)


def test_a_queued_session_keeps_its_place(redis: Redis, sessions: Queue) -> None:
    for session_id in ("s1", "s2", "s1"):
        queue.enqueue(redis, session_id, "local")
    assert [*sessions.job_ids, *waiting(redis, "local")] == ["s1", "s2"]


def test_two_processes_enqueue_a_session_one_after_the_other(redis: Redis, sessions: Queue) -> None:
    with redis.lock("enqueue:s1"):
        other = threading.Thread(target=queue.enqueue, args=(redis, "s1", "local"))
        other.start()
        other.join(0.2)  # enough time for a thread that would not wait
        assert other.is_alive()
        assert not Job.exists("s1", connection=redis)
    other.join()
    queue.enqueue(redis, "s1", "local")
    assert [*sessions.job_ids, *waiting(redis, "local")] == ["s1"]


def test_one_session_of_each_host_is_admitted_in_order(redis: Redis, sessions: Queue) -> None:
    ids = [f"{time.time_ns():020d}-{number}" for number in range(6)]
    for number, session_id in enumerate(ids):
        queue.enqueue(redis, session_id, ("one", "other")[number % 2])
    assert admitted(redis, sessions) == ids[:2]
    assert waiting(redis, "one") == ids[2::2]
    assert waiting(redis, "other") == ids[3::2]
    assert waiting(redis, "nobody") == []


@pytest.mark.parametrize("status", [JobStatus.FINISHED, JobStatus.FAILED, JobStatus.STOPPED, JobStatus.CANCELED])
def test_an_ended_or_lost_job_can_be_restored(redis: Redis, sessions: Queue, status: JobStatus) -> None:
    queue.enqueue(redis, "s1", "local")
    sessions.empty()
    assert queue.restore(redis, "s1", "local")
    job(redis, "s1").set_status(status)
    assert queue.restore(redis, "s1", "local")
    assert job(redis, "s1").get_status() not in queue.ENDED
    assert [*sessions.job_ids, *waiting(redis, "local")].count("s1") == 1


def test_a_waiting_or_running_job_is_not_restored(redis: Redis) -> None:
    queue.enqueue(redis, "s1", "local")
    queue.enqueue(redis, "s2", "local")
    assert not queue.restore(redis, "s1", "local")
    assert not queue.restore(redis, "s2", "local")
    job(redis, "s1").set_status(JobStatus.STARTED)
    assert not queue.restore(redis, "s1", "local")


def test_a_waiting_session_can_be_withdrawn(redis: Redis, sessions: Queue) -> None:
    for session_id in ("s1", "s2", "s3"):
        queue.enqueue(redis, session_id, "local")
    queue.withdraw(redis, "s2")
    assert waiting(redis, "local") == ["s3"]
    queue.withdraw(redis, "s1")
    queue.withdraw(redis, "s1")
    queue.withdraw(redis, "nobody")
    assert admitted(redis, sessions) == ["s3"]
    assert not Job.exists("s1", connection=redis)
