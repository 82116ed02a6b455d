"""The worker's own part: looking after the queue, and not reporting on a job that is another's by now."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import psutil
import pytest
from redis import Redis
from rq import Queue, Worker
from rq.executions import Execution
from rq.job import Job

from common.messaging.jobs import queue
from common.messaging.redis import QUEUE, connect
from common.store.database import initialise
from common.store.tables import Session
from common.values.units import now
from testbed.servers.workers import kill
from testbed.stored.queued import waiting
from testbed.stored.sessions import create
from testbed.waiting import until
from worker.sessions import rq_worker
from worker.sessions.rq_worker import SessionWorker

pytestmark = pytest.mark.slow

ORPHAN = """
import os, sys, time
import signal
from common.process.parent_process import set_parent_death_signal
parent = os.getpid()
if os.fork():
    time.sleep(3600)
set_parent_death_signal(parent, signal.SIGKILL)
print(os.getpid(), flush=True)
time.sleep(3600)
"""
LATE = """
import os
import signal
from common.process.parent_process import set_parent_death_signal
set_parent_death_signal(os.getppid() + 1, signal.SIGKILL)
print("alive")
"""


@pytest.fixture
def worker(redis: Redis, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[SessionWorker]:
    assert redis.ping()
    monkeypatch.setattr(rq_worker, "RECONCILE_S", 0)
    with connect(redis_url) as client:
        yield SessionWorker(client)


def old_session() -> Session:
    session = create()
    Session.update(created_at=now() - timedelta(minutes=5)).where(Session.id == session.id).execute()
    return session


# Reconciling


@pytest.mark.usefixtures("tables")
def test_sessions_lost_by_redis_are_queued_again_once_and_in_order(worker: SessionWorker, redis: Redis) -> None:
    first, second = old_session(), old_session()
    for session in (first, second):
        queue.enqueue(redis, session.id, "local")
    redis.flushall()
    for _ in range(3):
        worker.clean_registries()
    assert Queue(QUEUE, connection=redis, serializer="json").job_ids == [first.id]
    assert waiting(redis, "local") == [second.id]


@pytest.mark.usefixtures("tables")
def test_recent_submissions_are_not_queued_again(worker: SessionWorker, redis: Redis) -> None:
    session = create()
    worker.clean_registries()
    assert not Job.exists(session.id, connection=redis)


@pytest.mark.usefixtures("tables")
def test_a_clock_that_was_set_back_delays_no_session(worker: SessionWorker, redis: Redis) -> None:
    session = create()
    Session.update(created_at=now() + timedelta(hours=1)).where(Session.id == session.id).execute()
    worker.clean_registries()
    assert Job.exists(session.id, connection=redis)


def test_an_unavailable_database_does_not_end_the_worker(worker: SessionWorker, tmp_path: Path) -> None:
    initialise(f"sqlite:///{tmp_path / 'gone' / 'gait.db'}")
    (tmp_path / "gone").rmdir()
    worker.clean_registries()
    assert worker.last_cleaned_at is not None


@pytest.mark.usefixtures("tables")
def test_an_idle_worker_copies_the_log_into_the_file_once_a_minute(worker: SessionWorker, tmp_path: Path) -> None:
    worker.register_birth()  # type: ignore[no-untyped-call]  # RQ's own
    with closing(sqlite3.connect(tmp_path / "gait.db")) as reader:  # so that the log stays beside the file
        reader.execute("SELECT COUNT(*) FROM session").fetchone()
        for expected in (1, 1):
            old_session()
            worker.run_maintenance_tasks()
            alone = f"file:{tmp_path}/gait.db?mode=ro&immutable=1"  # without the log
            with closing(sqlite3.connect(alone, uri=True)) as file:
                assert file.execute("SELECT COUNT(*) FROM session").fetchone() == (expected,)


@pytest.mark.usefixtures("tables")
def test_one_worker_at_a_time_maintains_the_queue(worker: SessionWorker, redis: Redis) -> None:
    session = old_session()
    with redis.lock("maintenance", timeout=30):
        worker.clean_registries()
        assert not Job.exists(session.id, connection=redis)
    worker.clean_registries()
    assert Job.exists(session.id, connection=redis)


def test_the_maintenance_lock_is_renewed_with_each_step(
    worker: SessionWorker, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    left: list[int] = []
    monkeypatch.setattr(rq_worker, "MAINTENANCE_LOCK_S", 400)

    def step() -> None:
        left.append(redis.pttl("maintenance"))
        redis.pexpire("maintenance", 90_000)

    monkeypatch.setattr(worker, "_maintenance", lambda: iter([step, step]))
    worker.clean_registries()
    assert 90_000 < left[1] <= rq_worker.MAINTENANCE_LOCK_S * 1000
    assert not redis.exists("maintenance")


def test_a_worker_that_lost_the_maintenance_lock_stops(
    worker: SessionWorker, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    steps = [lambda: redis.delete("maintenance"), lambda: done.append("of another by now")]
    monkeypatch.setattr(worker, "_maintenance", lambda: iter(steps))
    worker.clean_registries()
    assert not done


@pytest.mark.usefixtures("tables")
def test_a_worker_whose_entry_was_lost_registers_again(worker: SessionWorker, redis: Redis) -> None:
    worker.register_birth()  # type: ignore[no-untyped-call] # RQ's own
    worker.set_state("idle")
    for lost in (["rq:workers"], [worker.key], ["rq:workers", worker.key]):
        redis.delete(*lost)
        worker.run_maintenance_tasks()
        (found,) = Worker.all(redis)
        assert (found.get_state(), found.hostname) == ("idle", worker.hostname)
        assert 0 < redis.ttl(worker.key) < 100


# A job that is another's by now


@pytest.mark.usefixtures("tables")
def test_an_overtaken_worker_does_not_report(worker: SessionWorker, redis: Redis) -> None:
    session = create()
    queue.enqueue(redis, session.id, "local")
    job = Job.fetch(session.id, connection=redis, serializer="json")
    jobs = Queue(QUEUE, connection=redis, serializer="json")
    with redis.pipeline() as pipeline:
        execution = Execution.create(job, ttl=100, pipeline=pipeline)
        pipeline.execute()
    assert not worker._superseded(execution)
    redis.zrem(jobs.started_job_registry.key, execution.composite_key)
    before = redis.hgetall(job.key)
    worker.handle_job_failure(job, jobs, execution=execution)
    assert redis.hgetall(job.key) == before


# Dying with the parent


@pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux's")
def test_a_child_dies_with_its_parent() -> None:
    with subprocess.Popen([sys.executable, "-c", ORPHAN], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        kill(parent.pid)
        parent.wait()
    until(lambda: not runs(child), "the child to die")


@pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux's")
def test_a_child_whose_parent_has_died_already_dies_too() -> None:
    late = subprocess.run([sys.executable, "-c", LATE], capture_output=True, text=True, check=False)
    assert (late.returncode, late.stdout) == (1, "")


def runs(pid: int) -> bool:
    """Return whether the process is there and is not a zombie that nobody has waited for."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
