"""One Gait for two machines: two Ollamas, a sampler for each, two workers, one API."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from redis import Redis

from cli.errors import ServerUnavailable
from cli.progress.messages import messages
from cli.server.client import Client
from cli.server.configuration import Connection
from common.messaging import streams
from common.messaging.redis import readings_of
from common.values.free_json import Json
from local.ollama.server import started_ollama
from local.ports import free_port
from local.processes import Process, wait_until
from local.readiness import Readiness
from local.redis_server import redis_server
from local.stack import COMMANDS, running_processes
from testbed import ROOT
from testbed.servers.stack import settings_of
from testbed.servers.tiny_model import create_tiny_model
from testbed.waiting import until

HOSTS = {"left": 10, "right": 40}
"""Readings per second of each sampler, different so that their readings can be distinguished."""
BODY = {
    "models": ["tiny"],
    "testTypes": ["decode"],
    "options": {"decode": {"minRepetitions": 2, "maxRepetitions": 2, "outputTokens": 128}},
}


pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Gait:
    client: Client
    database: Path
    redis: Redis
    ollamas: dict[str, ExitStack]

    def hosts(self) -> dict[str, Json]:
        return {host["name"]: host for host in self.client.get("/hosts")["hosts"]}

    def submit(self, body: Json) -> dict[str, str]:
        """Return the ids of the new sessions, by host."""
        answer = self.client.post("/test-sessions", body)
        return {placed["host"]: placed["sessionId"] for placed in answer["sessions"]}

    def until_ended(self, session_id: str) -> Json:
        list(messages(self.client, session_id))
        return self.client.session(session_id)

    def records(self, session_id: str) -> list[Json]:
        """Return what the session's runs rest on."""
        runs = "SELECT record FROM run JOIN test ON test.id = run.test_id WHERE session_id = ?"
        with closing(sqlite3.connect(self.database)) as opened:
            return [json.loads(record) for (record,) in opened.execute(runs, [session_id])]

    def readings(self, host: str, records: list[Json]) -> list[Json]:
        """Return what the host's sampler read while the runs of these records ran."""
        windows = [record["window"] for record in records]
        found = [streams.read(self.redis, readings_of(host), after=start - 1, until=end) for start, end in windows]
        return [reading for window in found for _, reading in window]


@pytest.fixture(scope="module")
def gait(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gait]:
    folder = tmp_path_factory.mktemp("hosts")
    further = {process: COMMANDS[process] for process in ("worker", "sampler")}
    with ExitStack() as started:
        ollamas = {host: started.enter_context(ExitStack()) for host in HOSTS}
        urls = {host: _ollama(folder, host, ollamas[host]) for host in HOSTS}
        port, redis_url = free_port(), started.enter_context(redis_server(folder / "redis", folder / "redis.log"))
        environment = settings_of(folder, redis_url, urls, PORT=str(port))
        processes: dict[Path, Process] = {}
        for host, commands in (("left", COMMANDS), ("right", further)):
            own = environment | {"SAMPLER_HOST": host, "SAMPLE_HZ": str(HOSTS[host])}
            processes |= started.enter_context(running_processes(commands, folder / host, own))
        client = Client(Connection(f"http://127.0.0.1:{port}"))
        readiness = Readiness(client.server.url)
        wait_until(lambda: all(readiness.is_complete(host) for host in HOSTS), processes)
        redis = started.enter_context(Redis.from_url(redis_url))
        yield Gait(client, folder / "gait.db", redis, ollamas)


def _ollama(folder: Path, host: str, running: ExitStack) -> str:
    home, log = ROOT / "var" / "ollama", folder / f"ollama-{host}.log"
    url = running.enter_context(started_ollama(home, log, print, folder / f"models-{host}"))
    create_tiny_model(url)
    return url


def test_all_are_measured_side_by_side_each_by_its_own_sampler(gait: Gait) -> None:
    ids = gait.submit(BODY | {"host": "all"})
    assert list(ids) == list(HOSTS)
    until(lambda: all(host["session"] for host in gait.hosts().values()), "both hosts at work")
    sessions = {host: gait.until_ended(session_id) for host, session_id in ids.items()}
    assert {session["status"] for session in sessions.values()} == {"completed"}
    assert {session["host"]: session["id"] for session in sessions.values()} == ids
    assert len({session["group"] for session in sessions.values()} - {None}) == 1
    for host, other in (("left", "right"), ("right", "left")):
        assert sessions[host]["models"][0]["tests"][0]["metrics"]["cpuUsage"] > 0
        runs = gait.records(ids[host])
        own, others = gait.readings(host, runs), gait.readings(other, runs)
        assert {reading["host"] for reading in own} == {host}
        assert sum(run["usage"]["readings"] for run in runs) == len(own) != len(others)


def test_each_host_is_told_with_its_sampler_and_its_model(gait: Gait) -> None:
    for host in gait.hosts().values():
        assert host["loaded"] == []  # the session before has left nothing
        requests.post(f"{host['url']}/api/generate", json={"model": "tiny"}, timeout=60).raise_for_status()
    hosts = gait.hosts()
    for name, hz in HOSTS.items():
        assert hosts[name]["reachable"]
        assert [model["name"] for model in hosts[name]["loaded"]] == ["tiny:latest"]
        assert hosts[name]["loaded"][0]["size"] > hosts[name]["loaded"][0]["sizeVram"] == 0
        assert 0 < hosts[name]["sampler"]["hz"] < 1.5 * hz
        assert hosts[name]["queue"] == {"waiting": 0, "oldest": None, "first": []}


def test_any_is_where_the_queue_is_shorter(gait: Gait) -> None:
    (busy,) = gait.submit(BODY | {"host": "left"}).values()
    ((free, session_id),) = gait.submit(BODY | {"host": "any"}).items()
    assert free == "right"
    for unfinished in (busy, session_id):
        gait.client.cancel(unfinished)


def test_a_host_whose_ollama_dies_is_shown_and_the_other_stays(gait: Gait) -> None:
    gait.ollamas["right"].close()
    hosts = gait.hosts()
    assert (hosts["left"]["reachable"], hosts["right"]["reachable"]) == (True, False)
    assert "cannot be reached" in hosts["right"]["reason"]
    assert "ollama serve" in hosts["right"]["advice"]
    assert hosts["right"]["sampler"] is not None
    refused = until(lambda: refusal(gait, "right"), "the cached list of the host's models to expire")
    assert "cannot do this now" in refused
    with pytest.raises(ServerUnavailable, match=r"right: Ollama at"):
        gait.submit(BODY | {"host": "all"})
    assert list(gait.submit(BODY | {"host": "any"})) == ["left"]


def refusal(gait: Gait, host: str) -> str:
    """Why a session is not taken there; nothing where it is."""
    try:
        gait.submit(BODY | {"host": host})
    except ServerUnavailable as error:
        return str(error)
    return ""
