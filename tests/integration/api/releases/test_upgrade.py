"""An upgrade as docs/operating.md describes it: the new API runs while a worker of the release before finishes."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from redis import Redis

from common.store.connections.schema import pending
from common.store.database import database
from testbed import ROOT
from testbed.ollama_double import OllamaDouble
from tests.integration.api.conftest import NewApp, body

pytestmark = pytest.mark.slow

EDIT = {"name": "new name", "pinned": True, "tags": ["kept"]}


@contextmanager
def previous_release(url: str, redis_url: str, ollama: str) -> Iterator[subprocess.Popen[str]]:
    variables = {"DATABASE_URL": url, "REDIS_URL": redis_url, "OLLAMA_HOST": ollama}
    command = [sys.executable, "-m", "tests.support.processes.previous_release"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=ROOT, env=os.environ | variables, text=True, **pipes) as process:  # type: ignore[call-overload] # the pipes
        yield process
        process.kill()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/old.db"
    found: str = request.getfixturevalue("postgresql").database()
    return found


def test_an_old_worker_finishes_while_the_new_api_runs(url: str, new_app: NewApp, redis: Redis, redis_url: str) -> None:
    assert redis.ping()
    with OllamaDouble("tiny:latest") as ollama, previous_release(url, redis_url, ollama.url) as old:
        assert old.stdin
        assert old.stdout
        session, waiting = old.stdout.readline().strip(), old.stdout.readline().strip()
        assert waiting == "waiting"
        client = new_app(database_url=url).test_client()  # which migrates, while a session is measured
        assert client.patch(f"/api/v1/test-sessions/{session}", json=EDIT).status_code == 200
        assert body(client.get("/api/v1/test-sessions?status=running&pinned=true"))["total"] == 1
        old.stdin.write("go on\n")
        old.stdin.flush()
        submitted = old.stdout.readline().strip()
        assert old.wait(60) == 0
        after = body(client.get(f"/api/v1/test-sessions/{session}"))
        assert (after["status"], {name: after[name] for name in EDIT}) == ("completed", EDIT)
        assert body(client.get("/api/v1/test-sessions?status=queued"))["sessions"][0]["id"] == submitted
        for path in (f"/sessions/{session}", "/", f"/api/v1/test-sessions/{session}/export", "/api/v1/test-results"):
            answer = client.get(path)
            assert (answer.status_code, "could not be shown" in answer.text) == (200, False), path
        with database.connection_context():
            assert pending(database.obj) == []
        database.close_all()
