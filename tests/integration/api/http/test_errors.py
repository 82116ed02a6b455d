"""Errors that any route can give."""

import sqlite3
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from common.store.connections.availability import SQLITE, Sqlite
from common.store.database import database
from tests.integration.api.conftest import NewApp, body
from tests.support.stored.sessions import finished

WHERE = "The API is at http://localhost/api/v1, and its documentation at http://localhost/docs/."
CANNOT_OPEN = SQLITE[sqlite3.SQLITE_CANTOPEN]


def test_unknown_paths(client: FlaskClient) -> None:
    for path in ("/nothing", "/api/v1/nothing", "/docs/nothing.js"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert body(answer) == {"status": 404, "message": f"{path} does not exist. {WHERE}"}


@pytest.mark.parametrize("path", ["/api/v1/test-sessions/{}", "/api/v1/test-sessions/{}/runs", "/sessions/{}"])
def test_ids_that_are_none(client: FlaskClient, path: str) -> None:
    for text in ("1", "x" * 36, "01a209d2-d221-741c-84d0"):
        message = body(client.get(path.format(text)))["message"]
        assert message.startswith(f"{text} is not an id of a session. Ids are UUIDs")
        assert "http://localhost/api/v1/test-sessions" in message
    session = finished()
    for text in (session.id.upper(), session.id.replace("-", ""), f"{{{session.id}}}", f"{session.id}/"):
        assert client.get(path.format(text)).status_code == 200, text


def test_slashes(client: FlaskClient) -> None:
    """Check that URLs with more slashes work without a redirect, which not every client follows."""
    for path in ("/test-sessions", "/test-results", "/test-types", "/models", f"/test-sessions/{finished().id}/runs"):
        for spelt in (f"/api/v1{path}/", f"/api/v1/{path}", f"/api//v1{path}//"):
            assert client.get(spelt).status_code == 200, spelt
    for page in ("/new/", "/history/", "/machines/", "/compare//", "/docs", "/healthz/", "/metrics/", "/openapi.json/"):
        assert client.get(page).status_code == 200, page
    assert client.post("/api/v1//test-sessions/", json={}).status_code == 422
    assert client.get("/api/v1//ws/test-progress/").status_code == 426


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/api/v1", "http://localhost/api/v1 is the base URL of the API. Its routes are in http://localhost/docs/."),
        ("/api/v1/", "http://localhost/api/v1 is the base URL of the API. Its routes are in http://localhost/docs/."),
        ("/api/v1/openapi.json", "/api/v1/openapi.json does not exist, but /openapi.json does."),
        ("/api/v1/api/v1/hosts", "/api/v1/api/v1/hosts does not exist, but /api/v1/hosts does."),
        ("/api/", f"/api/ does not exist. {WHERE}"),
    ],
)
def test_what_is_near_the_base_url_does_not_blame_a_proxy(client: FlaskClient, path: str, message: str) -> None:
    assert body(client.get(path)) == {"status": 404, "message": message}


def test_wrong_methods_name_the_right_ones(client: FlaskClient) -> None:
    answer = client.put("/api/v1/test-sessions", json={})
    assert answer.status_code == 405
    message = f"PUT is not possible at /api/v1/test-sessions. Use GET or POST. {WHERE}"
    assert body(answer) == {"status": 405, "message": message}
    assert set(answer.headers["Allow"].split(", ")) >= {"GET", "POST"}


def test_an_http_request_to_a_websocket(client: FlaskClient) -> None:
    for path in ("/ws/test-progress", "/api/v1/ws/test-progress"):
        for headers in ({}, {"Upgrade": "websocket"}, {"Connection": "upgrade"}):
            answer = client.get(path, headers=headers)
            assert answer.status_code == 426
            assert body(answer)["message"].startswith(f"{path} is a WebSocket. Open it as ws://localhost{path}.")


@pytest.mark.parametrize(
    ("path", "status", "problem"),
    [
        ("/api/v1/models", 400, "is not a WebSocket"),
        ("/api/v1/test-sessions", 405, "is not a WebSocket"),  # it has two methods
        ("/ws", 404, "does not exist"),
        ("/api/v1/ws/progress", 404, "does not exist"),
    ],
)
def test_a_websocket_at_another_url(client: FlaskClient, path: str, status: int, problem: str) -> None:
    answer = client.get(path, headers={"Connection": "Upgrade", "Upgrade": "websocket"})
    assert answer.status_code == status
    sockets = "The WebSockets are ws://localhost/ws/test-progress and /ws/hardware."
    assert body(answer)["message"] == f"{path} {problem}. {sockets}"


@pytest.mark.parametrize("path", ["/gait/", "/gait/history", "/lab/gait/api/v1/models", "/gait/api/v1/test-sessions/"])
def test_a_path_that_a_proxy_passed_on_is_recognised(new_app: NewApp, path: str) -> None:
    prefix = path[: path.index("gait") + 4]
    answer = new_app(api_keys=("key",)).test_client().get(path)
    assert answer.status_code == 404
    assert f"{path} does not exist, but {path.removeprefix(prefix)} does. If {prefix} is" in body(answer)["message"]
    assert body(answer)["message"].endswith(f"or set GAIT_SCRIPT_NAME={prefix}.")


def test_internal_errors_have_a_traceback_in_the_log(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    @app.get("/broken")
    def broken() -> str:
        raise RuntimeError("a secret")

    answer = app.test_client().get("/broken")
    assert answer.status_code == 500
    assert body(answer) == {"status": 500, "message": "Internal error. The API's log has the cause."}
    assert "RuntimeError: a secret" in caplog.text


@pytest.fixture
def lost_database(client: FlaskClient) -> Iterator[FlaskClient]:
    """Return a client of an application whose database cannot be opened."""
    opened = database.obj
    opened.close()
    database.initialize(Sqlite("/dev/null/gait.db"))
    yield client
    database.initialize(opened)


def test_the_database_unavailable(lost_database: FlaskClient) -> None:
    for path in ("/test-sessions", "/test-results", "/hosts"):
        answer = lost_database.get(f"/api/v1{path}")
        assert answer.status_code == 503, path
        assert body(answer) == {"status": 503, "message": f"{CANNOT_OPEN} Try again later."}
    ready = lost_database.get("/readyz")
    assert ready.json == {
        "status": 503,
        "message": f"Not ready. {CANNOT_OPEN}",
        "details": {"database": CANNOT_OPEN},
    }
    assert lost_database.get("/healthz").json == {"status": "ok"}


def test_ready(client: FlaskClient) -> None:
    assert body(client.get("/readyz")) == {"status": "ok"}
