"""The limits of a client, and the responses above them."""

import json
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from redis import Redis
from websocket import WebSocketBadStatusException
from werkzeug.test import TestResponse

from api.http.access.rate_limits import BURST_S
from common.environment.exposure import Proxies
from common.store.changes import writes
from common.store.reads import sessions
from common.store.tables import Session, Status
from testbed.servers.api_server import ApiServer, api_server
from testbed.waiting import until
from tests.integration.api.conftest import KEY, NewApp, body
from tests.support.stored.sessions import finished

BODY: dict[str, Any] = {"models": ["tiny"], "testTypes": ["decode"]}
ROUTE = "/api/v1/test-types"


def submit(client: FlaskClient, sent: object = BODY, key: str | None = None) -> TestResponse:
    return client.post("/api/v1/test-sessions", json=sent, headers={"X-API-Key": key} if key else None)


def answers(client: FlaskClient, count: int, **options: Any) -> list[int]:
    return [client.get(ROUTE, **options).status_code for _ in range(count)]


class Clock:
    """Stop the clock, so that no request expires during a test."""

    now = 1_000_003.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("time.time", clock)
    return clock


@pytest.mark.usefixtures("clock")
def test_requests_above_the_limit_get_a_retry_after(new_app: NewApp) -> None:
    client = new_app(requests_per_second=2).test_client()
    assert answers(client, 2 * BURST_S) == [200] * (2 * BURST_S)
    refused = client.get(ROUTE)
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= BURST_S
    assert body(refused) == {
        "status": 429,
        "message": "Too many requests. The limit is 2 requests per second, as a mean over 10 s. "
        f"Try again in {refused.headers['Retry-After']} s.",
    }
    for free in ("/healthz", "/readyz", "/docs/", "/assets/0/start.js"):
        with client.get(free) as answer:
            assert answer.status_code == 200, free
    for counted in ("/api/v1/nothing", "/metrics", "/openapi.json", "/ws/test-progress"):
        assert client.get(counted).status_code == 429, counted


def test_requests_are_accepted_again_after_that_time(new_app: NewApp, clock: Clock) -> None:
    client = new_app(requests_per_second=1).test_client()
    assert answers(client, BURST_S) == [200] * BURST_S
    refused = client.get(ROUTE)
    assert refused.status_code == 429
    clock.now += int(refused.headers["Retry-After"]) + 0.1
    assert client.get(ROUTE).status_code == 200


@pytest.mark.usefixtures("clock")
def test_clients_are_counted_by_key_or_else_by_address(new_app: NewApp) -> None:
    client = new_app(requests_per_second=1, api_keys=("one", "two")).test_client()
    for header in ({"X-API-Key": "one"}, {"X-API-Key": "two"}):
        assert answers(client, BURST_S + 1, headers=header) == [200] * BURST_S + [429]
    for guess in range(BURST_S):
        assert client.get(f"/{guess}", headers={"X-API-Key": f"guess {guess}"}).status_code == 401
    assert client.get(ROUTE).status_code == 429
    assert client.get(ROUTE, environ_base={"REMOTE_ADDR": "10.0.0.1"}).status_code == 401


@pytest.mark.usefixtures("clock")
def test_behind_a_trusted_proxy_each_client_is_counted_by_its_own_address(new_app: NewApp) -> None:
    client = new_app(requests_per_second=1, forwarded_for=Proxies(count=1)).test_client()
    for address in ("203.0.113.7", "203.0.113.8"):
        forged = {"X-Forwarded-For": f"198.51.100.9, {address}"}
        assert answers(client, BURST_S + 1, headers=forged) == [200] * BURST_S + [429]


@pytest.mark.usefixtures("clock")
def test_the_rate_limit_needs_no_redis(new_app: NewApp) -> None:
    client = new_app(requests_per_second=1, redis_url="redis://127.0.0.1:1/0").test_client()
    assert answers(client, BURST_S + 1) == [200] * BURST_S + [429]


@pytest.mark.parametrize("key", [KEY, None])
def test_open_sessions_are_limited_for_each_key(new_app: NewApp, key: str | None) -> None:
    keys = {"api_keys": (KEY, "another")} if key else {}
    client = new_app(max_open_sessions=2, **keys).test_client()
    first, _ = submit(client, key=key), submit(client, key=key)
    refused = submit(client, key=key)
    assert refused.status_code == 429
    assert body(refused) == {
        "status": 429,
        "message": f"2 sessions {'with this key' if key else 'without a key'} are waiting or running, and the maximum "
        "is 2; wait until some have ended, or cancel some",
        "details": {"sessions": ["requested: 1, open: 2, maximum: 2"]},
    }
    assert Session.select().count() == 2
    if key:
        assert submit(client, key="another").status_code == 202
    assert writes.cancel_session(body(first)["sessionId"])
    assert submit(client, key=key).status_code == 202


def test_ended_sessions_do_not_count(new_app: NewApp) -> None:
    client = new_app(max_open_sessions=1).test_client()
    assert finished().status != Status.ERROR
    assert sessions.open_sessions(None) == 0
    assert submit(client).status_code == 202


def test_a_repeated_request_is_not_counted_again(new_app: NewApp) -> None:
    client = new_app(max_open_sessions=1).test_client()
    for _ in range(2):
        assert client.post("/api/v1/test-sessions", json=BODY, headers={"Idempotency-Key": "x"}).status_code == 202


def test_a_sessions_owner_does_not_reveal_the_key(new_app: NewApp) -> None:
    client = new_app(api_keys=(KEY,)).test_client()
    session = sessions.session(body(submit(client, key=KEY))["sessionId"])
    assert session is not None
    assert session.owner is not None
    assert len(session.owner) == 16
    assert client.get(ROUTE, headers={"X-API-Key": session.owner}).status_code == 401


def test_a_session_on_all_hosts_counts_once_for_each_host(new_app: NewApp) -> None:
    refused = submit(new_app(max_open_sessions=1).test_client(), BODY | {"host": "all"})
    assert refused.status_code == 429
    assert body(refused)["details"] == {"sessions": ["requested: 2, open: 0, maximum: 1"]}


@pytest.mark.parametrize(
    ("asked", "runs"),
    [
        (BODY, 20),
        (BODY | {"options": {"decode": {"maxRepetitions": 100}}}, 100),
        (BODY | {"models": ["tiny", "small"]}, 40),
        (BODY | {"testTypes": ["decode", "ttft"]}, 80),
        (BODY | {"host": "all"}, 40),
        (BODY | {"effort": "thorough"}, 100),
        (BODY | {"repeat": 3}, 60),
        (BODY | {"testTypes": ["embedding"], "options": {"embedding": {"inputTokens": [16, 32, 64]}}}, 180),
        (BODY | {"testTypes": ["sustained"]}, 1),
    ],
)
def test_runs_are_counted_over_the_whole_session(new_app: NewApp, asked: dict[str, Any], runs: int) -> None:
    for allowed in {max(1, runs - 1), runs}:
        client = new_app(max_runs=allowed).test_client()
        answer = submit(client, asked)
        if allowed < runs:
            assert answer.status_code == 422
            assert body(answer)["details"]["runs"] == [f"requested: {runs}, maximum: {allowed}"]
            assert str(allowed) in body(answer)["message"]
        else:
            assert answer.status_code == (503 if asked.get("host") == "all" else 202)  # the other host is unavailable


def test_a_refusal_lists_the_runs_of_each_test_type(new_app: NewApp) -> None:
    client = new_app(max_runs=100).test_client()
    answer = submit(client, BODY | {"testTypes": ["decode", "ttft"], "options": {"decode": {"maxRepetitions": 100}}})
    assert body(answer) == {
        "status": 422,
        "message": "the session may take 160 runs (models × test types × points × maxRepetitions × hosts × repeat), "
        "and the maximum is 100; ask for fewer models, test types or values, or for a lower maxRepetitions",
        "details": {
            "runs": ["requested: 160, maximum: 100"],
            "testTypes": {"decode": ["100 runs per model"], "ttft": ["60 runs per model"]},
        },
    }


def test_the_total_number_of_websockets_is_limited(redis: Redis, redis_url: str, tmp_path: Path) -> None:
    assert redis.ping()
    settings = {"REDIS_URL": redis_url, "DATABASE_URL": f"sqlite:///{tmp_path}/gait.db", "MAX_WEBSOCKETS": "3"}
    with api_server(tmp_path, settings) as server:
        opened = [server.connect("/ws/test-progress") for _ in range(2)] + [server.connect("/ws/hardware")]
        for path in ("/ws/test-progress", "/api/v1/ws/hardware"):
            with pytest.raises(WebSocketBadStatusException) as refused:
                server.connect(path)
            assert refused.value.status_code == 503
            assert "3 WebSockets are open" in json.loads(refused.value.resp_body or b"")["message"]
            assert int((refused.value.resp_headers or {})["retry-after"]) > 0
        opened[0].close()
        until(lambda: _connects(server), "room for a further WebSocket")


def _connects(server: ApiServer) -> bool:
    try:
        server.connect("/ws/hardware")
    except WebSocketBadStatusException:
        return False
    return True
