"""Sessions from the queue to their end, with real workers and a real Redis."""

import functools
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import pytest
from redis import Redis

from common.messaging.jobs import queue
from common.store.changes import writes
from common.store.reads import sessions as stored_sessions
from common.store.tables import Phase, Session, Status
from testbed.ollama_double import OllamaDouble, Script, Timing
from testbed.servers.workers import Workers, children, kill, workers
from testbed.stored.sessions import OPTIONS, create, model
from testbed.waiting import until
from worker.jobs import MAX_FAILED_CLAIMS

pytestmark = [pytest.mark.usefixtures("tables"), pytest.mark.slow]

MEASURED = {**OPTIONS, "minRepetitions": 4, "maxRepetitions": 4}
SLOW = Timing(first=5, each=10)


@dataclass
class Lab:
    redis: Redis
    double: OllamaDouble
    workers: Workers

    def submit(self, *models: str, host: str = "local") -> Session:
        types = {"decode": MEASURED, "ttft": MEASURED}
        session = create(models=[model(name) for name in models or ("tiny:latest",)], test_types=types, host=host)
        queue.enqueue(self.redis, session.id, host)
        return session

    def start(self, count: int = 1) -> list[subprocess.Popen[bytes]]:
        started = [self.workers.start(f"local={self.double.url}") for _ in range(count)]
        until(lambda: self.workers.is_ready(len(self.workers.started)), "the workers to be ready")
        return started

    def busy_worker(self) -> subprocess.Popen[bytes]:
        """Return the process that runs a session."""
        (busy,) = [worker for worker in self.workers.started if children(worker)]
        return busy

    def until_completed(self, *sessions: Session) -> None:
        until(lambda: all(has_ended(session) for session in sessions), "the end of the sessions")
        assert {Session.get_by_id(session.id).status for session in sessions} == {Status.COMPLETED}

    def assert_measured_once(self, session: Session) -> None:
        found = {
            test.test_type: [run.repetition for run in stored_sessions.runs(test)]
            for test in stored_sessions.tests(session.id)
        }
        assert found == {"decode": [1, 2, 3, 4], "ttft": [1, 2, 3, 4]}


@pytest.fixture
def lab(redis: Redis, redis_url: str, database_url: str, double: OllamaDouble, tmp_path: Path) -> Iterator[Lab]:
    double.last = {"eval_duration": 150_000_000}
    with workers(redis_url, database_url, tmp_path) as started:
        yield Lab(redis, double, started)


def has_ended(session: Session) -> bool:
    return Session.get_by_id(session.id).status != Status.RUNNING


def stored(session: Session) -> int:
    return sum(len(stored_sessions.runs(test)) for test in stored_sessions.tests(session.id))


def claims(session: Session) -> set[str]:
    """Return the claims that measured a session's runs. They are part of the runs' seeds."""
    return {
        run.record["seed"].split()[0]
        for test in stored_sessions.tests(session.id)
        for run in stored_sessions.runs(test)
    }


def completed_in_file(database: Path, folder: Path) -> int:
    """Return the number of completed sessions in a copy of the database's file, without its write-ahead log."""
    copy = shutil.copy(database, folder / "copy.db")
    with closing(sqlite3.connect(copy)) as opened:
        found: int = opened.execute("SELECT COUNT(*) FROM session WHERE status = 'completed'").fetchone()[0]
        return found


def abandoned(double: OllamaDouble) -> int:
    return sum(seen.ended_ns is not None and not seen.done for seen in double.requests)


# One at a time on a host, hosts side by side


@pytest.mark.slow
def test_a_host_runs_its_sessions_one_by_one_in_order(lab: Lab, tmp_path: Path) -> None:
    names = [f"m{number}:latest" for number in range(3)]
    lab.double.models = tuple(names)
    sessions = [lab.submit(name) for name in names]
    lab.start(3)
    lab.until_completed(*sessions)
    assert lab.double.max_concurrent == 1
    assert [name for name, _ in groupby(seen.model for seen in lab.double.requests)] == names
    for session in sessions:
        lab.assert_measured_once(session)
    assert (tmp_path / "gait.db-wal").exists()  # because this process has a connection too
    until(lambda: completed_in_file(tmp_path / "gait.db", tmp_path) == len(sessions), "the checkpoint")


def test_two_hosts_run_side_by_side(lab: Lab) -> None:
    with OllamaDouble() as other:
        lab.double.order(Script(then="hang"))
        hanging, running = lab.submit(host="local"), lab.submit(host="other")
        for _ in range(2):
            lab.workers.start(f"local={lab.double.url},other={other.url}")
        lab.until_completed(running)
        assert not has_ended(hanging)
        assert len(lab.double.requests) == 1
        lab.double.release()
        lab.until_completed(hanging)


# Ends from outside


def test_cancelling_stops_the_request_and_frees_the_host(lab: Lab) -> None:
    lab.double.order(Script(then="hang"))
    cancelled, next_one = lab.submit(), lab.submit()
    lab.start()
    until(lambda: lab.double.requests, "the first request")
    assert writes.cancel_session(cancelled.id)
    queue.withdraw(lab.redis, cancelled.id)
    until(lambda: abandoned(lab.double) == 1, "the request to be given up")
    lab.until_completed(next_one)
    assert Session.get_by_id(cancelled.id).phase == Phase.CANCELLED
    assert stored(cancelled) == 0


def test_a_cancelled_session_leaves_nothing_in_memory(lab: Lab) -> None:
    lab.double.order(Script(), Script(then="hang"))
    session = lab.submit()
    lab.start()
    until(lambda: len(lab.double.requests) > 1, "the second request")
    assert lab.double.loaded
    assert writes.cancel_session(session.id)
    queue.withdraw(lab.redis, session.id)
    until(lambda: not lab.double.loaded, "the model to be unloaded")


def test_a_worker_stops_at_the_next_run_and_another_continues(lab: Lab) -> None:
    lab.double.timing = SLOW
    session = lab.submit()
    lab.start(2)
    until(lambda: stored(session) >= 1, "the first run")
    first = lab.busy_worker()
    first.send_signal(signal.SIGTERM)
    assert first.wait(60) == 0
    lab.double.timing = Timing()
    lab.until_completed(session)
    assert abandoned(lab.double) == 0
    assert len(claims(session)) == 2
    lab.assert_measured_once(session)


@pytest.mark.slow
def test_a_child_that_is_killed_is_replaced_at_once(lab: Lab) -> None:
    lab.double.timing = SLOW
    session = lab.submit()
    (worker,) = lab.start()
    until(lambda: stored(session) >= 2, "the second run")
    (child,) = children(worker)
    kill(child.pid)
    lab.double.timing = Timing()
    lab.until_completed(session)
    assert worker.poll() is None
    lab.assert_measured_once(session)


@pytest.mark.slow
@pytest.mark.parametrize("killed", ["worker and child", "worker alone"])
def test_another_worker_completes_the_session_of_a_killed_one(lab: Lab, killed: str) -> None:
    lab.double.timing = SLOW
    session, waiting = lab.submit(), lab.submit()
    lab.start(2)
    until(lambda: stored(session) >= 2, "the second run")
    first = lab.busy_worker()
    family = [first.pid, *([child.pid for child in children(first)] if killed == "worker and child" else [])]
    for pid in family:
        kill(pid)
    lab.double.timing = Timing()
    lab.until_completed(session, waiting)
    assert lab.double.max_concurrent == 1
    for done in (session, waiting):
        lab.assert_measured_once(done)
    assert len({seen.prompt for seen in lab.double.requests}) == len(lab.double.requests)


# Sessions that cannot run


def test_a_session_that_cannot_be_run_ends_with_its_reason(lab: Lab) -> None:
    elsewhere, nowhere = lab.submit(host="elsewhere"), lab.submit()
    Session.update(failed_claims=MAX_FAILED_CLAIMS).where(Session.id == nowhere.id).execute()
    lab.start()
    for session, reason in (
        (elsewhere, "Host elsewhere is unknown to this worker. Add it to OLLAMA_HOSTS."),
        (nowhere, "none finished a run"),
    ):
        until(functools.partial(has_ended, session), "the end of the session")
        assert Session.get_by_id(session.id).status == Status.ERROR
        assert reason in (Session.get_by_id(session.id).message or "")
    assert not lab.double.requests
