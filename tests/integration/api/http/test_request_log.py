"""The log as an operator reads it: one line for each request, which nobody can forge, and keys that are read again."""

import json
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

import psutil
import pytest
import requests
from websocket import WebSocketBadStatusException

from testbed.ollama_double import OllamaDouble
from testbed.servers.api_server import ApiServer, api_server
from testbed.waiting import until

pytestmark = pytest.mark.slow

FULL, READER, WRONG = "full-key-0815", "reader-key-0816", "wrong-key-0817"
FORGED = '\r\n{"event": "forged"}\x1b[31m\x85\u2028\u202e'


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    keys = tmp_path_factory.mktemp("keys") / "keys"
    keys.write_text(f"{FULL}\n")
    return keys


@pytest.fixture(scope="module")
def api(redis_url: str, keys: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    folder = tmp_path_factory.mktemp("log")
    with OllamaDouble("tiny:latest") as double:
        settings = {
            "REDIS_URL": redis_url,
            "DATABASE_URL": f"sqlite:///{folder}/gait.db",
            "OLLAMA_HOSTS": f"local={double.url}",
            "LOG_FORMAT": "json",
            "API_KEYS_FILE": str(keys),
            "READ_ONLY_KEYS": READER,
            "FORWARDED_FOR": "127.0.0.1",
        }
        with api_server(folder, settings) as running:
            yield running


def line_of(api: ApiServer, request_id: str) -> dict[str, Any]:
    """Return the line of the request, once it is written."""

    def found() -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in api.log.read_text().splitlines()]
        return [line for line in lines if line.get("request_id") == request_id and line["logger"] == "request"]

    until(found, "the line")
    [line] = found()
    return line


def send(api: ApiServer, method: str, path: str, key: str | None = None, **options: Any) -> dict[str, Any]:
    """Return the line of a request."""
    headers = {"X-API-Key": key} if key else {}
    answer = requests.request(method, f"http://{api.address}{path}", headers=headers, timeout=20, **options)
    line = line_of(api, answer.headers["X-Request-ID"])
    assert (line["method"], line["status"], line["address"]) == (method, answer.status_code, "127.0.0.1")
    assert line["ms"] > 0
    return line


def test_each_request_is_one_line_with_its_owner_and_session(api: ApiServer) -> None:
    body = {"models": ["tiny:latest"], "testTypes": ["ttft"]}
    submitted = send(api, "POST", "/api/v1/test-sessions", FULL, json=body)
    session = submitted["session"]
    assert UUID(session)
    assert (submitted["status"], submitted["route"], submitted["key"]) == (202, "/api/v1/test-sessions", "full")
    read = send(api, "GET", f"/api/v1/test-sessions/{session}?_=secret", READER)
    assert read["event"] == f"GET /api/v1/test-sessions/{session} 200"
    assert (read["session"], read["key"]) == (session, "read-only")
    assert read["route"] == "/api/v1/test-sessions/<uuid:session_id>"
    assert len({submitted["owner"], read["owner"], None}) == 3
    assert send(api, "DELETE", f"/api/v1/test-sessions/{session}", READER)["status"] == 403
    assert send(api, "GET", "/healthz")["key"] is None
    assert send(api, "GET", "/nothing", FULL)["route"] is None


def test_a_rejected_key_is_logged_without_the_key(api: ApiServer) -> None:
    for key, kind in ((WRONG, "rejected"), (None, None)):
        line = send(api, "GET", "/api/v1/test-sessions", key)
        assert (line["status"], line["key"], line["owner"]) == (401, kind, None)
    log = api.log.read_text()
    assert not [key for key in (FULL, READER, WRONG) for part in (key, key[:8], key[-6:]) if part in log]


def test_a_websocket_is_one_line(api: ApiServer) -> None:
    body = {"models": ["tiny:latest"], "testTypes": ["ttft"]}
    session = send(api, "POST", "/api/v1/test-sessions", FULL, json=body)["session"]
    first, second = str(uuid4()), str(uuid4())
    headers = {"X-API-Key": READER, "X-Request-ID": first}
    api.connect(f"/ws/test-progress?sessionId={session}", header=headers).close()
    line = line_of(api, first)
    assert (line["status"], line["session"], line["key"]) == (101, session, "read-only")
    with pytest.raises(WebSocketBadStatusException):
        api.connect("/ws/hardware", header={"X-API-Key": WRONG, "X-Request-ID": second})
    assert (line_of(api, second)["status"], line_of(api, second)["key"]) == (401, "rejected")


def test_nobody_forges_a_line(api: ApiServer) -> None:
    path = quote(f"/a{FORGED} status=200", safe="/:=")
    line = send(api, "GET", path, FULL)
    assert line["event"] == f"GET {path} 404"
    assert send(api, "GET", f"/api/v1/models?host={quote(FORGED)}", FULL)["status"] == 422
    forging = {"X-Request-ID": "a b", "X-Forwarded-For": "127.0.0.1 status=200, 203.0.113.7"}
    forged = requests.get(f"http://{api.address}/healthz", headers=forging, timeout=20).headers["X-Request-ID"]
    assert UUID(forged)
    assert line_of(api, forged)["address"] == "203.0.113.7"
    host, port = api.address.split(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(b"GET /\x1b[31m HTTP/1.1\r\nHost: a\r\nX\x1b: b\r\n\r\n")
        assert connection.recv(1000).startswith(b"HTTP/1.1 400 ")
    until(lambda: "malformed request" in api.log.read_text(), "the line")
    log = api.log.read_text()
    assert all(each.isprintable() or each == "\n" for each in log)
    assert "forged" not in {json.loads(line)["event"] for line in log.splitlines()}


def test_sighup_reads_the_keys_again(api: ApiServer, keys: Path) -> None:
    """A file that cannot be read leaves the keys as they are."""

    def allowed(key: str) -> bool | None:
        try:
            return api.get("/api/v1/test-types", {"X-API-Key": key}).ok
        except requests.ConnectionError:
            return None  # the process that accepted it ends

    def reload() -> None:
        before = api.workers
        api.process.send_signal(signal.SIGHUP)
        until(lambda: len(api.workers) == 1 and api.workers != before, "the old process to end")

    keys.write_bytes(b"\xff")
    reload()
    assert "The keys were not read again" in api.log.read_text()
    until(lambda: allowed(FULL), "the earlier key")
    keys.write_text("second-key-0818\n")
    reload()
    until(lambda: [allowed(key) for key in ("second-key-0818", READER, FULL)] == [True, True, False], "the new keys")
    assert psutil.Process(api.process.pid).is_running()
