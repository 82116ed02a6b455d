"""The main job on real parts: gunicorn, RQ, Redis, worker, sampler, WebSocket and Ollama."""

import json
import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from websocket import create_connection

from cli.progress.messages import messages
from cli.server.client import Client
from cli.server.configuration import Connection
from common.process.programs import with_packages
from common.values.units import now
from local.ports import free_port
from local.processes import Process, start, wait_until
from local.readiness import Readiness
from local.stack import COMMANDS, running_processes
from testbed.servers.stack import settings_of
from tests.support.formats import asyncapi

QUICK = {"minRepetitions": 2, "maxRepetitions": 2}
SHORT = QUICK | {"promptTokens": 64, "outputTokens": 32}
OPTIONS: dict[str, dict[str, Any]] = {
    "cold-start": QUICK | {"outputTokens": 16},
    "decode": {"minRepetitions": 3, "maxRepetitions": 3, "promptTokens": 64, "outputTokens": 400},  # for readings
    "prefill": QUICK | {"promptTokens": 256},
    "ttft": QUICK | {"promptTokens": [64, 256]},
    "context-depth": SHORT | {"promptTokens": [64, 256]},
    "prefix-cache": SHORT | {"promptTokens": 256},
    "multi-turn": SHORT | {"turns": 3},
    "concurrency": SHORT | {"users": [1, 2], "durationSeconds": 0, "requestsPerUser": 2},
    "open-loop": SHORT | {"loadPercent": 50, "requests": 5},
    "sustained": {"durationSeconds": 1, "promptTokens": 64, "outputTokens": 64},
    "embedding": QUICK | {"inputTokens": 32, "batchSize": [1, 4]},
    "determinism": SHORT,
}
TEST_TYPES = list(OPTIONS)
IMPOSSIBLE = {"thinking": "does not think", "offload-sweep": "on a GPU", "model-swap": "pull another one"}
"""What a processor with one model that does not think cannot be tested for, and a word of the reason."""

Message = dict[str, Any]

pytestmark = pytest.mark.slow


@dataclass
class Parts:
    """The running processes by their logs, with the folder and the settings that they were started with."""

    folder: Path
    environment: dict[str, str]
    processes: dict[Path, Process]

    def restart(self) -> None:
        """Kill all processes at once (SIGKILL), and start them again."""
        for process in self.processes.values():
            os.killpg(process.pid, signal.SIGKILL)
        for log, killed in self.processes.items():
            killed.wait()
            environment = with_packages(os.environ | self.environment)
            self.processes[log] = start(COMMANDS[log.stem], log, environment, parent_death_signal=signal.SIGKILL)


@pytest.fixture(scope="module")
def parts(redis_url: str, ollama_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parts]:
    folder = tmp_path_factory.mktemp("gait")
    port = str(free_port("127.0.0.1"))
    environment = settings_of(folder, redis_url, {"local": ollama_url}, PORT=port, IDLE_BASELINE="0.5")
    with running_processes(COMMANDS, folder, environment) as processes:
        yield Parts(folder, environment, processes)


@pytest.fixture(scope="module")
def gait(parts: Parts) -> tuple[Client, Path]:
    """Return a client of all processes, and their database."""
    client = Client(Connection(f"http://127.0.0.1:{parts.environment['PORT']}"))
    readiness = Readiness(client.server.url)
    wait_until(lambda: readiness.is_complete("local"), parts.processes)
    return client, parts.folder / "gait.db"


@pytest.fixture(scope="module")
def watched(gait: tuple[Client, Path]) -> tuple[str, list[Message]]:
    """Return a finished session's id, and the messages to a client that watched from its beginning."""
    client, _ = gait
    body = {"models": ["tiny"], "testTypes": TEST_TYPES, "options": OPTIONS, "name": "whole", "tags": ["nightly"]}
    session_id = client.submit_one(body)
    return session_id, list(messages(client, session_id))


def test_every_test_completes_with_its_metrics(gait: tuple[Client, Path], watched: tuple[str, list[Message]]) -> None:
    session = gait[0].session(watched[0])
    assert (session["status"], session["phase"], session["message"]) == ("completed", "finished", None)
    tests = {test["type"]: test for test in session["models"][0]["tests"]}
    assert set(tests) == set(TEST_TYPES)
    for name, test in tests.items():
        metrics = test["metrics"]
        headline = metrics["statistics"][metrics["headline"]["name"]]
        assert headline["value"] > 0, name
        assert headline["n"] >= (1 if name in {"determinism", "sustained"} else 2), name
        assert metrics["finding"].endswith("."), name
        assert metrics["phases"]["prefill"]["duration"] > 0, name
        assert (metrics["phases"]["load"] is not None) == (name == "cold-start"), name
        if name != "embedding":
            for statistics in [point["statistics"] for point in metrics["points"]] or [metrics["statistics"]]:
                waited, took = (statistics[metric]["value"] for metric in ("timeToFirstToken", "inferenceTime"))
                assert waited <= took, name
        assert test["logs"], name
    assert tests["decode"]["metrics"]["ramUsage"] > 0
    assert 0 < tests["decode"]["metrics"]["cpuUsage"] <= 100


def test_the_decode_rate_is_that_of_ollamas_fields(
    gait: tuple[Client, Path], watched: tuple[str, list[Message]]
) -> None:
    server = "json_extract(record, '$.requests[0].server.%s')"
    runs = f"SELECT {server % 'output_tokens'}, {server % 'output_ns'}, "
    runs += "json_extract(run.metrics, '$.decodeTokensPerSecond') "
    runs += "FROM run JOIN test ON test.id = run.test_id WHERE session_id = ? AND test_type = 'decode'"
    with sqlite3.connect(gait[1]) as database:
        rows = database.execute(runs, [watched[0]]).fetchall()
    database.close()
    assert len(rows) >= 2
    assert [by_server for *_, by_server in rows] == [
        pytest.approx((tokens - 1) * 1e9 / nanoseconds) for tokens, nanoseconds, _ in rows
    ]


def test_points_tell_where_the_numbers_were_measured(
    gait: tuple[Client, Path], watched: tuple[str, list[Message]]
) -> None:
    tests = {test["type"]: test["metrics"] for test in gait[0].session(watched[0])["models"][0]["tests"]}
    points = {name: [entry["point"] for entry in metrics["points"]] for name, metrics in tests.items()}
    assert points["ttft"] == [{"promptTokens": 64}, {"promptTokens": 256}]
    assert points["multi-turn"] == [{"turn": 1}, {"turn": 2}, {"turn": 3}]
    assert points["embedding"] == [{"inputTokens": 32, "batchSize": 1}, {"inputTokens": 32, "batchSize": 4}]
    assert points["decode"] == []


def test_what_cannot_be_measured_here_says_why(gait: tuple[Client, Path]) -> None:
    session_id = gait[0].submit_one({"models": ["tiny"], "testTypes": list(IMPOSSIBLE)})
    list(messages(gait[0], session_id))
    session = gait[0].session(session_id)
    assert session["status"] == "error"
    for test in session["models"][0]["tests"]:
        assert IMPOSSIBLE[test["type"]] in test["message"]


def test_messages_come_in_order_and_each_test_ends_once(watched: tuple[str, list[Message]]) -> None:
    _, seen = watched
    numbers = [message["seq"] for message in seen]
    assert numbers == sorted(set(numbers))
    ends = [message["testType"] for message in seen if message["type"] == "complete"]
    assert ends == TEST_TYPES
    assert seen[-1]["session"] == {
        "status": "completed",
        "progress": 100.0,
        "completedTests": len(TEST_TYPES),
        "failedTests": 0,
        "totalTests": len(TEST_TYPES),
    }
    shares = [message["session"]["progress"] for message in seen]
    assert shares == sorted(shares)


def test_messages_are_as_the_asyncapi_document_describes(
    gait: tuple[Client, Path], watched: tuple[str, list[Message]]
) -> None:
    for message in watched[1]:
        asyncapi.check("Progress", message)
    for query in ("", "?hz=5"):
        url = f"{gait[0].server.url.replace('http', 'ws')}/ws/hardware{query}"
        with closing(create_connection(url, timeout=30)) as ws:
            for _ in range(2):
                asyncapi.check("Reading", json.loads(ws.recv()))


def test_who_comes_late_is_told_the_same(gait: tuple[Client, Path], watched: tuple[str, list[Message]]) -> None:
    session_id, seen = watched
    assert list(messages(gait[0], session_id)) == seen


def test_it_is_found_again(gait: tuple[Client, Path], watched: tuple[str, list[Message]]) -> None:
    found = gait[0].get("/test-sessions", tags="nightly,llama", search="whole")
    assert [session["id"] for session in found["sessions"]] == [watched[0]]
    assert found["sessions"][0]["hardware"]["cpu"]["threads"] > 0
    results = gait[0].get("/test-results", modelName="tiny:latest", metrics="tokensPerSecond", testType="decode")
    assert results["total"] == 1
    assert results["results"][0]["metrics"]["tokensPerSecond"] > 0


def test_a_schedule_submits_one_session_though_every_part_is_killed(
    gait: tuple[Client, Path], parts: Parts, redis_url: str
) -> None:
    client, file = gait
    session = {"models": ["tiny"], "testTypes": ["ttft"], "options": {"ttft": SHORT}}
    schedule = client.post("/schedules", {"cron": "0 0 1 1 *", "session": session})
    wait_until(lambda: client.get(f"/schedules/{schedule['id']}")["message"] is None, parts.processes)
    with closing(sqlite3.connect(file)) as database, database:
        due = now().replace(microsecond=0) + timedelta(seconds=1)
        database.execute("UPDATE schedule SET next_at = ?", [str(due)])
    parts.restart()
    with Redis.from_url(redis_url) as redis:
        redis.flushall()

    def sessions() -> list[Any]:
        readiness = Readiness(client.server.url)
        return client.get("/test-sessions", schedule=schedule["id"])["sessions"] if readiness.api_is_ready() else []

    wait_until(lambda: bool(sessions()), parts.processes)
    parts.restart()
    wait_until(lambda: [each["status"] for each in sessions()] == ["completed"], parts.processes)
    found = client.get(f"/schedules/{schedule['id']}")
    assert found["lastSession"] == sessions()[0]["id"]
    assert found["lastTime"][:19] == due.isoformat()
    assert found["nextTime"][4:] == "-01-01T00:00:00.000Z"
    assert (found["lastError"], found["message"]) == (None, None)
