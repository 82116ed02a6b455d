"""The API killed at every few lines of a submission: the session is in the database and on the queue, or in neither."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from redis import Redis

from api.app import create_app
from common.environment.settings import forget, settings
from common.messaging.jobs import queue
from common.messaging.redis import connect
from common.store.reads import sessions as stored_sessions
from common.store.search_tables import SessionTag
from common.store.tables import Session
from testbed import ROOT
from testbed.ollama_double import OllamaDouble
from testbed.stored.queued import waiting
from tests.integration.api.submission.killed import key
from tests.support.processes.killed_at_lines import disconnect
from worker.sessions.rq_worker import SessionWorker

BODY = {"models": ["tiny"], "testTypes": ["decode", "ttft"], "host": "all", "tags": ["nightly"]}
HOSTS = ("one", "other")
CELLS = [("tiny:latest", "decode"), ("tiny:latest", "ttft")]
MIN_LINES = 60
"""Lines that submitting goes through; fewer would be a trace that does not see them."""
STEPS = {"sqlite": 3, "postgresql": 9}
"""A submission is killed at each third or ninth line: on PostgreSQL only what one transaction covers can differ."""

pytestmark = pytest.mark.slow


@pytest.fixture(params=STEPS)
def kind(request: pytest.FixtureRequest) -> str:
    """Return the kind of the database."""
    return str(request.param)


@pytest.fixture
def database_url(request: pytest.FixtureRequest, kind: str) -> str:
    url: str = request.getfixturevalue(f"{kind}_url")
    return url


@pytest.fixture
def app(
    redis: Redis, redis_url: str, database_url: str, ollama: OllamaDouble, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Flask]:
    """On two hosts that are one server."""
    assert redis.ping()
    monkeypatch.setenv("REDIS_URL", redis_url)
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("OLLAMA_HOSTS", ",".join(f"{name}={ollama.url}" for name in HOSTS))
    forget()
    monkeypatch.setattr("worker.sessions.rq_worker.MIN_AGE", timedelta(0))
    yield create_app(settings())
    disconnect()
    forget()


@pytest.fixture
def submissions(app: Flask, kind: str) -> int:
    """How many there were; all but the last few were killed, each at another line."""
    assert app.name
    command = [sys.executable, "-m", "tests.integration.api.submission.killed", json.dumps(BODY), str(STEPS[kind])]
    done = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) * STEPS[kind] > MIN_LINES
    return int(done.stdout)


def test_the_session_is_in_both_or_in_neither_and_asked_for_again_is_there_once(
    app: Flask, submissions: int, redis: Redis, redis_url: str
) -> None:
    at_once, later = range(1, submissions + 1, 2), range(2, submissions + 1, 2)
    asked_again = [session_id for number in at_once for session_id in submit(app, number)]
    assert set(asked_again) <= set(on_the_queue(redis))  # nobody else was needed for it

    with connect(redis_url) as client:
        SessionWorker(client).clean_registries()  # the round that each worker makes once a minute
    assert on_the_queue(redis) == sorted(session.id for session in Session.select())
    found = {number: stored_sessions.sessions_by_idempotency_key(None, key(number)) for number in later}
    assert {len(sessions) for sessions in found.values()} == {0, len(HOSTS)}
    for number, sessions in found.items():
        again = submit(app, number)
        assert not sessions or again == [session.id for session in sessions]

    assert Session.select().count() == len(HOSTS) * submissions
    for session in Session.select():
        assert [(test.model, test.test_type) for test in stored_sessions.tests(session.id)] == CELLS
        tags = {row.tag for row in SessionTag.select().where(SessionTag.session == session)}
        assert {"nightly", "llama"} < tags
    assert on_the_queue(redis) == sorted(session.id for session in Session.select())


def submit(app: Flask, number: int) -> list[str]:
    answer = app.test_client().post("/api/v1/test-sessions", json=BODY, headers={"Idempotency-Key": key(number)})
    assert answer.status_code == 202
    sessions: list[dict[str, Any]] = answer.get_json()["sessions"]
    return [session["sessionId"] for session in sessions]


def on_the_queue(redis: Redis) -> list[str]:
    """Return the jobs that a worker would come to, each once."""
    admitted = queue.sessions(redis).job_ids
    return sorted([*admitted, *(session_id for host in HOSTS for session_id in waiting(redis, host))])
