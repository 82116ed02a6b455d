"""Access to every route and method. A new route fails here until its access is decided."""

import json
from collections.abc import Iterator

import pytest
from flask import Flask
from redis import Redis
from websocket import WebSocketBadStatusException
from werkzeug.routing import Rule

from testbed.servers.api_server import ApiServer, api_server
from tests.integration.api.conftest import KEY, NewApp

READER = "reader"
SESSION_ID = "01a209d2-d221-741c-84d0-38c0f996e1b8"

OPEN = {
    *("/healthz", "/readyz", "/openapi.json", "/asyncapi.json"),
    *("/docs/", "/docs/<path:path>", "/assets/<version>/<path:name>"),
}
READ = {
    *("/metrics", "/api/v1/models", "/api/v1/hardware", "/api/v1/hosts", "/api/v1/test-types", "/api/v1/test-results"),
    *("/api/v1/test-sessions", "/api/v1/test-sessions/<uuid:session_id>", "/api/v1/schemas/session-1.json"),
    *("/api/v1/comparisons", "/api/v1/histories", "/api/v1/leaderboard", "/api/v1/overview"),
    *("/api/v1/schedules", "/api/v1/schedules/<uuid:schedule_id>"),
    *("/api/v1/regressions", "/api/v1/regressions/<uuid:regression_id>"),
    *("/api/v1/webhooks", "/api/v1/webhooks/<uuid:webhook_id>", "/api/v1/webhooks/<uuid:webhook_id>/deliveries"),
    *(f"/api/v1/test-sessions/<uuid:session_id>/{part}" for part in ("telemetry", "runs", "export", "repeats")),
}
PAGES = {"/", "/models", "/models/one", "/new", "/sessions/<uuid:session_id>", "/compare", "/history", "/machines"}
PAGES |= {"/machines/one"}
"""Pages that need a key for reading. Without it they show a form for the key."""
SOCKETS = {"/ws/test-progress", "/ws/hardware", "/api/v1/ws/test-progress", "/api/v1/ws/hardware"}
CHANGE = {
    ("POST", "/api/v1/estimates"),
    ("POST", "/api/v1/test-sessions"),
    ("POST", "/api/v1/test-sessions/import"),
    ("DELETE", "/api/v1/test-sessions/<uuid:session_id>"),
    ("PATCH", "/api/v1/test-sessions/<uuid:session_id>"),
    ("POST", "/api/v1/test-sessions/<uuid:session_id>/cancel"),
    ("POST", "/api/v1/schedules"),
    ("PATCH", "/api/v1/schedules/<uuid:schedule_id>"),
    ("DELETE", "/api/v1/schedules/<uuid:schedule_id>"),
    ("POST", "/api/v1/schedules/<uuid:schedule_id>/run"),
    ("PATCH", "/api/v1/regressions/<uuid:regression_id>"),
    ("POST", "/api/v1/webhooks"),
    ("PATCH", "/api/v1/webhooks/<uuid:webhook_id>"),
    ("DELETE", "/api/v1/webhooks/<uuid:webhook_id>"),
    ("POST", "/api/v1/webhooks/<uuid:webhook_id>/test"),
}
READING = {"GET", "HEAD", "OPTIONS"}
IDS = {f"<uuid:{name}_id>": SESSION_ID for name in ("session", "schedule", "regression", "webhook")}
EXAMPLES = {**IDS, "<path:path>": "swagger-ui.css"} | {"<version>/<path:name>": "0/start.js"}
HANDSHAKE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "x3JJHMbDL1EzLkh9GBhXDw==",
}


@pytest.fixture
def guarded(new_app: NewApp) -> Flask:
    return new_app(api_keys=(KEY,), read_only_keys=(READER,))


def address(rule: Rule) -> str:
    path = rule.rule
    for variable, value in EXAMPLES.items():
        path = path.replace(variable, value)
    assert "<" not in path, f"no example is known for {path}"
    return path


def decided(method: str, rule: Rule) -> str:
    """Return what a client needs: `nothing`, a key to `read`, or a key to `change`."""
    if rule.rule in OPEN:
        return "nothing"
    if method in READING:  # OPTIONS only lists the methods of a route
        known = READ | PAGES | SOCKETS | {path for _, path in CHANGE}
        assert rule.rule in known, f"access to {method} {rule.rule} is not decided"
        return "read"
    assert (method, rule.rule) in CHANGE, f"access to {method} {rule.rule} is not decided"
    return "change"


def walk(app: Flask) -> Iterator[tuple[str, Rule]]:
    for rule in app.url_map.iter_rules():
        for method in sorted(rule.methods or ()):
            yield method, rule


def status(app: Flask, method: str, rule: Rule, key: str | None = None, query: str = "") -> int:
    headers = ({"X-API-Key": key} if key else {}) | (HANDSHAKE if rule.websocket else {})
    with app.test_client().open(address(rule) + query, method=method, headers=headers) as answer:
        if answer.status_code in (401, 403) and method != "HEAD":
            if rule.rule in PAGES:
                assert 'id="key-form"' in answer.get_data(as_text=True)
            else:
                assert answer.get_json().keys() == {"status", "message"}
        return answer.status_code


def test_every_decision_is_about_an_existing_route(guarded: Flask) -> None:
    routes = {(method, rule.rule) for method, rule in walk(guarded)}
    assert {path for _, path in routes} == OPEN | READ | PAGES | SOCKETS | {path for _, path in CHANGE}
    assert {(method, path) for method, path in routes if method not in READING} == CHANGE
    assert {rule.rule for _, rule in walk(guarded) if rule.websocket} == SOCKETS


def test_a_route_without_a_decision_is_found(guarded: Flask) -> None:
    guarded.add_url_rule("/backdoor", view_func=lambda: "in", methods=["GET"])
    new = next(rule for rule in guarded.url_map.iter_rules() if rule.rule == "/backdoor")
    with pytest.raises(AssertionError, match="access to GET /backdoor is not decided"):
        decided("GET", new)
    assert status(guarded, "GET", new) == 401


@pytest.mark.parametrize("key", [None, "wrong", READER + "x", KEY.upper()])
def test_requests_without_a_valid_key_are_refused(guarded: Flask, key: str | None) -> None:
    for method, rule in walk(guarded):
        refused = status(guarded, method, rule, key) == 401
        assert refused == (decided(method, rule) != "nothing"), (method, rule.rule)


def test_a_key_in_the_url_is_not_accepted(guarded: Flask) -> None:
    query = f"?X-API-Key={KEY}&api_key={KEY}&key={KEY}&token={KEY}"
    for method, rule in walk(guarded):
        refused = status(guarded, method, rule, query=query) == 401
        assert refused == (decided(method, rule) != "nothing"), (method, rule.rule)


def test_a_key_in_a_cookie_is_not_accepted(guarded: Flask) -> None:
    answer = guarded.test_client().get("/api/v1/test-types", headers={"Cookie": f"X-API-Key={KEY}"})
    assert answer.status_code == 401


def test_a_read_only_key_changes_nothing(guarded: Flask) -> None:
    for method, rule in walk(guarded):
        if rule.websocket and method == "GET":
            continue  # tested on real sockets below
        refused = status(guarded, method, rule, READER)
        assert (refused == 403) == (decided(method, rule) == "change"), (method, rule.rule)
        assert refused != 401, (method, rule.rule)


def test_a_full_key_allows_everything(guarded: Flask) -> None:
    for method, rule in walk(guarded):
        if rule.websocket and method == "GET":
            continue
        assert status(guarded, method, rule, KEY) not in (401, 403), (method, rule.rule)


@pytest.fixture(scope="module")
def served(redis_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    folder = tmp_path_factory.mktemp("guarded")
    settings = {
        "REDIS_URL": redis_url,
        "DATABASE_URL": f"sqlite:///{folder}/gait.db",
        "API_KEYS": KEY,
        "READ_ONLY_KEYS": READER,
    }
    with api_server(folder, settings) as server:
        yield server


@pytest.mark.parametrize("path", sorted(SOCKETS))
def test_websockets_are_refused_before_the_upgrade(served: ApiServer, redis: Redis, path: str) -> None:
    assert redis.ping()
    attempts: list[tuple[str, dict[str, str]]] = [
        ("", {}),
        ("", {"X-API-Key": "wrong"}),
        ("", {"Cookie": f"X-API-Key={READER}"}),
        (f"?X-API-Key={READER}", {}),
        (f"?key={READER}", {}),
    ]
    for query, header in attempts:
        with pytest.raises(WebSocketBadStatusException) as refused:
            served.connect(path + query, header=header)
        assert refused.value.status_code == 401, (query, header)
        assert json.loads(refused.value.resp_body or b"")["status"] == 401
    for header in ({"X-API-Key": KEY}, {"X-API-Key": READER}, {"Authorization": f"Bearer {KEY}"}):
        assert served.connect(path, header=header).connected


def test_the_log_has_the_path_of_a_websocket_but_no_key(served: ApiServer) -> None:
    with pytest.raises(WebSocketBadStatusException):
        served.connect(f"/ws/hardware?key={READER}-in-the-address")
    assert "GET /ws/hardware 401" in served.log.read_text()
    assert READER not in served.log.read_text()
