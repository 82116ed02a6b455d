"""One computer under two names: real processes measure it for one session at a time."""

import json
import sqlite3
from contextlib import ExitStack, closing
from itertools import pairwise
from pathlib import Path

import pytest
import requests

from testbed.ollama_double import OllamaDouble
from testbed.servers.api_server import api_server
from testbed.servers.workers import workers
from testbed.waiting import until

pytestmark = pytest.mark.slow

BODY = {
    "models": ["tiny"],
    "testTypes": ["decode"],
    "host": "all",
    "options": {"decode": {"minRepetitions": 3, "maxRepetitions": 3, "outputTokens": 16, "promptTokens": 64}},
}
RUNS = "SELECT test.session_id, record FROM run JOIN test ON test.id = run.test_id ORDER BY run.at"


def test_sessions_of_two_names_run_one_after_the_other(redis_url: str, tmp_path: Path) -> None:
    with ExitStack() as stack:
        url = stack.enter_context(OllamaDouble()).url
        settings = {
            "REDIS_URL": redis_url,
            "DATABASE_URL": f"sqlite:///{tmp_path}/gait.db",
            "OLLAMA_HOSTS": f"a={url},b={url.replace('127.0.0.1', 'localhost')}",
            "IDLE_BASELINE": "0",
        }
        api = stack.enter_context(api_server(tmp_path, settings))
        started = stack.enter_context(workers(redis_url, settings["DATABASE_URL"], tmp_path))
        started.environment.update(settings)
        for _ in range(2):
            started.start(settings["OLLAMA_HOSTS"])
        until(lambda: started.is_ready(2), "two workers")
        answer = requests.post(f"http://{api.address}/api/v1/test-sessions", json=BODY, timeout=20)
        assert answer.status_code == 202, answer.text
        addresses = [f"/api/v1/test-sessions/{placed['sessionId']}" for placed in answer.json()["sessions"]]
        until(lambda: all(api.get(each).json()["status"] == "completed" for each in addresses), "both sessions to end")
    with closing(sqlite3.connect(tmp_path / "gait.db")) as opened:
        runs = opened.execute(RUNS).fetchall()
    assert len({session for session, _ in runs}) == 2
    windows = [json.loads(record)["window"] for _, record in runs]
    assert all(end <= start for (_, end), (start, _) in pairwise(windows))
    assert [session for session, _ in runs] == sorted(session for session, _ in runs)
