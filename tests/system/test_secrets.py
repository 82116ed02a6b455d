"""Logs never contain keys, the passwords of Redis and the database, or prompts."""

import base64
import contextlib
import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
import requests
from redis import Redis
from websocket import WebSocketBadStatusException

from common.messaging.jobs import queue
from local.redis_server import redis_server
from testbed.ollama_double import OllamaDouble, Script
from testbed.servers.api_server import ApiServer, api_server
from testbed.servers.postgresql import PostgreSql
from testbed.servers.workers import Workers, workers
from testbed.waiting import until

pytestmark = pytest.mark.slow

KEY, WRONG, IN_ADDRESS = "full-key-4711", "wrong-key-4712", "address-key-4713"
REDIS_PASSWORD, DATABASE_PASSWORD = "redis-password-4714", "database-password-4715"
OLLAMA_PASSWORD = "ollama-password-4716"
WEBHOOK_SECRET, WEBHOOK_TOKEN = "webhook-secret-4717", "webhook-token-4718"
OLLAMA_HEADER = base64.b64encode(f"user:{OLLAMA_PASSWORD}".encode()).decode()
CODED = base64.urlsafe_b64encode(KEY.encode()).decode().rstrip("=")
SECRETS = (
    *(KEY, WRONG, IN_ADDRESS, REDIS_PASSWORD, DATABASE_PASSWORD, CODED, OLLAMA_PASSWORD, OLLAMA_HEADER),
    *(WEBHOOK_SECRET, WEBHOOK_TOKEN),
)
HEADER = {"X-API-Key": KEY}
LOST = "01a209d2-d221-741c-84d0-38c0f996e1b8"


@dataclass(frozen=True)
class Site:
    api: ApiServer
    workers: Workers
    double: OllamaDouble
    redis: Redis
    database_url: str

    def log(self) -> str:
        return self.api.log.read_text() + self.workers.log.read_text()


@pytest.fixture
def site(postgresql: PostgreSql, tmp_path: Path) -> Iterator[Site]:
    """Yield an API that logs JSON, and a worker that logs text. Both meet an error of each kind."""
    database_url = postgresql.database()
    with contextlib.ExitStack() as stack:
        redis_url = stack.enter_context(redis_server(tmp_path / "redis", tmp_path / "redis.log"))
        Redis.from_url(redis_url).config_set("requirepass", REDIS_PASSWORD)
        redis_url = redis_url.replace("redis://", f"redis://:{REDIS_PASSWORD}@")
        double = stack.enter_context(OllamaDouble())
        settings = {
            "REDIS_URL": redis_url,
            "DATABASE_URL": database_url.replace("postgres@", f"postgres:{DATABASE_PASSWORD}@"),
            "OLLAMA_HOSTS": f"local={double.url}".replace("//", f"//user:{OLLAMA_PASSWORD}@"),
            "API_KEYS": KEY,
            "IDLE_BASELINE": "0",
        }
        api = stack.enter_context(api_server(tmp_path, settings | {"LOG_FORMAT": "json"}))
        started = stack.enter_context(workers(redis_url, settings["DATABASE_URL"], tmp_path))
        started.environment.update(settings | {"LOG_FORMAT": "text"})
        started.start(settings["OLLAMA_HOSTS"])
        until(started.is_ready, "a worker")
        yield Site(api, started, double, stack.enter_context(Redis.from_url(redis_url)), database_url)


def test_no_log_tells_a_secret(site: Site) -> None:
    knock(site.api)
    run_a_session(site)
    answers = [site.api.get(path, HEADER).text for path in ("/", "/machines", "/api/v1/hosts", "/metrics")]
    assert [secret for secret in SECRETS for answer in answers if secret in answer] == []
    assert site.double.url in answers[2]
    lose_the_tables(site)
    lose_redis(site)
    log = site.log()
    for happened in ("GET /api/v1/test-types 401", "UndefinedTable", "Redis does not respond", "run 1: decode"):
        assert happened in log, happened
    assert [secret for secret in SECRETS if secret in log] == []
    assert "│" not in log  # the frame that rich draws around the variables of a trace, which may hold anything
    prompts = {seen.prompt for seen in site.double.requests if len(seen.prompt) > 20}
    assert len(prompts) > 3
    assert [prompt for prompt in prompts if prompt[:20] in log or prompt[-20:] in log] == []
    events = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    assert len(events) > 3
    assert all(event["level"] for event in events)


def knock(api: ApiServer) -> None:
    """With right and wrong keys, everywhere a client may put one."""
    path, socket_path = "/api/v1/test-types", "/ws/test-progress"
    assert api.get(path, HEADER).status_code == 200
    for header in ({"X-API-Key": WRONG}, {"Authorization": f"Bearer {WRONG}"}, {"Cookie": f"key={WRONG}"}):
        assert api.get(path, header).status_code == 401
    assert api.get(f"{path}?key={IN_ADDRESS}").status_code == 401
    webhook = {"url": f"https://lab.example/{WEBHOOK_TOKEN}", "secret": WEBHOOK_SECRET}
    for body, status in ((webhook, 201), (webhook | {"events": ["none"]}, 422)):
        answer = requests.post(f"http://{api.address}/api/v1/webhooks", json=body, headers=HEADER, timeout=20)
        assert answer.status_code == status
        assert WEBHOOK_SECRET not in answer.text
    assert api.connect(socket_path, subprotocols=["gait", f"gait.key.{CODED}"]).connected
    with pytest.raises(WebSocketBadStatusException):
        api.connect(f"{socket_path}?key={IN_ADDRESS}", header={"X-API-Key": WRONG})
    host, port = api.address.split(":")
    for malformed in (f"GET {path} HTTP/1.1\r\nX-API-Key {KEY}\r\n\r\n", f"{KEY} {KEY}\r\n\r\n"):
        with socket.create_connection((host, int(port)), timeout=20) as connection:
            connection.sendall(malformed.encode())
            assert connection.recv(1000).startswith(b"HTTP/1.1 400 ")


def run_a_session(site: Site) -> None:
    """With an answer that holds garbage, one that is cut, and one that is an error."""
    site.double.order(Script(), Script(then=b"<html>\n"), Script(then="cut"), Script(status=500, error="out of memory"))
    body = {
        "models": ["tiny"],
        "testTypes": ["decode"],
        "options": {"decode": {"minRepetitions": 1, "maxRepetitions": 3, "outputTokens": 16, "promptTokens": 64}},
    }
    address = f"http://{site.api.address}/api/v1/test-sessions"
    answer = requests.post(address, json=body, headers=HEADER, timeout=20)
    assert answer.status_code == 202, answer.text
    session = answer.headers["Location"]
    until(lambda: site.api.get(session, HEADER).json()["status"] != "running", "the end of the session")


def lose_the_tables(site: Site) -> None:
    """Return the API and the worker both fail with a trace."""
    with psycopg.connect(site.database_url, autocommit=True) as connection:
        connection.execute("ALTER TABLE session RENAME TO lost")
    answer = site.api.get("/api/v1/test-sessions", HEADER)
    assert answer.status_code == 500
    assert answer.json() == {"status": 500, "message": "Internal error. The API's log has the cause."}
    queue.enqueue(site.redis, LOST, "local")
    until(lambda: site.workers.log.read_text().count("UndefinedTable"), "the worker's trace")


def lose_redis(site: Site) -> None:
    site.redis.shutdown(nosave=True)
    assert site.api.get("/api/v1/hardware", HEADER).status_code == 503
