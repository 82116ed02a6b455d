"""Real workers while Redis answers and refuses writes: they wait, and nothing is lost."""

import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis
from rq import Worker

from common.messaging import streams
from common.messaging.jobs import queue
from common.messaging.redis import PROGRESS
from common.messaging.redis_errors import LASTING
from common.store.reads import sessions as stored_sessions
from common.store.tables import Session, Status
from testbed.ollama_double import OllamaDouble, Timing
from testbed.servers.redis_states import STATES
from testbed.servers.workers import Workers, children, workers
from testbed.stored.sessions import OPTIONS, create
from testbed.waiting import until
from tests.integration.worker.sessions.jobs.test_rq_worker import runs

pytestmark = [pytest.mark.usefixtures("tables"), pytest.mark.slow]

REPETITIONS = 4
MEASURED = {**OPTIONS, "minRepetitions": REPETITIONS, "maxRepetitions": REPETITIONS}
SLOW = Timing(first=5, each=10)


@pytest.fixture
def started(redis: Redis, redis_url: str, database_url: str, double: OllamaDouble, tmp_path: Path) -> Iterator[Workers]:
    assert redis.ping()
    double.timing = SLOW
    double.last = {"eval_duration": 150_000_000}
    with workers(redis_url, database_url, tmp_path) as started:
        yield started


def submit(redis: Redis) -> Session:
    session = create(test_types={"decode": MEASURED})
    queue.enqueue(redis, session.id, "local")
    return session


def repetitions(session: Session) -> list[int]:
    (test,) = stored_sessions.tests(session.id)
    return [run.repetition for run in stored_sessions.runs(test)]


def start(started: Workers, double: OllamaDouble) -> subprocess.Popen[bytes]:
    return started.start(f"local={double.url}")


def until_waiting(started: Workers, times: int) -> None:
    until(lambda: started.log.read_text().count("waiting for Redis") >= times, "a process to wait for Redis")


def test_a_worker_waits_at_its_start_and_within_a_session(started: Workers, redis: Redis, double: OllamaDouble) -> None:
    with STATES["READONLY"](redis):
        worker = start(started, double)
        until_waiting(started, 1)
    session = submit(redis)
    until(lambda: repetitions(session), "the first run")
    with STATES["MISCONF"](redis):
        before = len(repetitions(session))
        until_waiting(started, 3)  # the worker, and its child
        assert len(repetitions(session)) - before <= 1
    until(lambda: Session.get_by_id(session.id).status != Status.RUNNING, "the end of the session")
    assert Session.get_by_id(session.id).status == Status.COMPLETED
    assert repetitions(session) == list(range(1, REPETITIONS + 1))
    assert len(double.requests) == len({seen.prompt for seen in double.requests})
    assert worker.poll() is None
    published = [message for _, message in streams.read(redis, PROGRESS) if message["repetition"]]
    assert {message["repetition"] for message in published} >= set(range(1, REPETITIONS + 1))
    assert "Traceback" not in started.log.read_text()


@pytest.mark.parametrize("busy", [False, True])
def test_a_worker_that_waits_can_be_stopped(
    started: Workers, redis: Redis, double: OllamaDouble, *, busy: bool
) -> None:
    worker = start(started, double)
    until(lambda: [found.get_state() for found in Worker.all(redis)] == ["idle"], "the worker")
    session = submit(redis) if busy else None
    if session:
        until(lambda: repetitions(session), "the first run")
    with STATES["READONLY"](redis):
        until_waiting(started, 1)
        family = children(worker)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(30) == 0
        until(lambda: not any(runs(child.pid) for child in family), "the end of the child")
    assert "Traceback" not in started.log.read_text()
    if session:
        assert Session.get_by_id(session.id).status == Status.RUNNING


def test_a_worker_with_a_wrong_password_ends_with_advice(
    started: Workers, redis_url: str, double: OllamaDouble
) -> None:
    started.environment["REDIS_URL"] = redis_url.replace("//", "//nobody:secret@")
    assert start(started, double).wait(30) == 1
    log = started.log.read_text()
    assert log.rstrip().endswith(f"The worker ends: {LASTING['WRONGPASS']}")
    assert "Traceback" not in log
    assert "secret" not in log


def test_a_password_that_is_set_while_a_worker_runs(started: Workers, redis: Redis, double: OllamaDouble) -> None:
    worker = start(started, double)
    until(started.is_ready, "the worker")
    redis.config_set("requirepass", "secret")
    redis.client_kill_filter(_type="normal", skipme=True)
    assert worker.wait(30) == 1
    redis.config_set("requirepass", "")
    assert f"The worker ends: {LASTING['NOAUTH']}" in started.log.read_text()
