import base64
import hashlib
import logging

import pytest
from flask import Flask

from tests.api.conftest import KEY, NewApp, body

OPEN = {"/", "/healthz", "/readyz", "/openapi.json", "/docs/", "/docs/<path:path>", "/static/<path:filename>"}


@pytest.fixture
def guarded(new_app: NewApp) -> Flask:
    return new_app(api_keys=("first", KEY))


def test_every_route_but_the_open_ones_needs_a_key(guarded: Flask) -> None:
    client = guarded.test_client()
    asked = set()
    for rule in guarded.url_map.iter_rules():
        if rule.websocket:
            continue  # tests/api/test_progress.py and test_readings.py ask those
        path = rule.rule.replace("<uuid:session_id>", "01a209d2-d221-741c-84d0-38c0f996e1b8")
        path = path.replace("<path:path>", "swagger-ui.css").replace("<path:filename>", "docs.js")
        for method in rule.methods or ():
            with client.open(path, method=method) as answer:
                assert (answer.status_code == 401) == (rule.rule not in OPEN), (method, path)
            asked.add(rule.rule)
    assert {"/api/v1/test-sessions", *OPEN} <= asked


def test_a_key_for_reading_changes_nothing(new_app: NewApp) -> None:
    client, header = new_app(api_keys=(KEY,), read_only_keys=("reader",)).test_client(), {"X-API-Key": "reader"}
    assert client.get("/api/v1/test-sessions", headers=header).status_code == 200
    session = "/api/v1/test-sessions/01a209d2-d221-741c-84d0-38c0f996e1b8"
    for method, path in [("POST", "/api/v1/test-sessions"), ("POST", f"{session}/cancel"), ("DELETE", session)]:
        answer = client.open(path, method=method, headers=header)
        assert answer.status_code == 403, (method, path)
        assert "reading alone" in body(answer)["message"]


def test_a_server_with_keys_for_reading_alone_lets_nobody_change_anything(new_app: NewApp) -> None:
    client = new_app(read_only_keys=("reader",)).test_client()
    assert client.post("/api/v1/test-sessions").status_code == 401
    assert client.post("/api/v1/test-sessions", headers={"X-API-Key": "reader"}).status_code == 403


def test_a_stored_digest_stands_for_its_key(new_app: NewApp) -> None:
    stored = "sha256:" + hashlib.sha256(KEY.encode()).hexdigest()
    client = new_app(api_keys=(stored,)).test_client()
    assert client.get("/api/v1/test-types", headers={"X-API-Key": KEY}).status_code == 200
    assert client.get("/api/v1/test-types", headers={"X-API-Key": stored}).status_code == 401


def test_any_of_the_keys_opens(guarded: Flask) -> None:
    client = guarded.test_client()
    for key in ("first", KEY):
        assert client.get("/api/v1/test-types", headers={"X-API-Key": key}).status_code == 200


@pytest.mark.parametrize("key", ["", "second", KEY + " ", KEY.upper(), "grüße"])
def test_other_keys_do_not(guarded: Flask, key: str) -> None:
    answer = guarded.test_client().get("/api/v1/test-types", headers={"X-API-Key": key.encode().decode("latin-1")})
    assert answer.status_code == 401
    assert body(answer) == {"status": 401, "message": "a valid key is needed in the header X-API-Key"}


def test_keys_need_not_be_ascii(new_app: NewApp) -> None:
    client = new_app(api_keys=("grüße",)).test_client()
    header = "grüße".encode().decode("latin-1")  # as WSGI passes on what came as UTF-8
    assert client.get("/api/v1/test-types", headers={"X-API-Key": header}).status_code == 200


def test_unknown_paths_tell_nothing_without_a_key(guarded: Flask) -> None:
    assert guarded.test_client().get("/api/v1/nothing").status_code == 401


def test_which_methods_an_address_has_is_no_secret(guarded: Flask) -> None:
    for path, allowed in (("/healthz", {"GET", "HEAD", "OPTIONS"}), ("/api/v1/models", {"GET", "HEAD", "OPTIONS"})):
        answer = guarded.test_client().delete(path)
        assert answer.status_code == 405
        assert set(answer.headers["Allow"].split(", ")) == allowed


def test_a_key_in_the_url_is_no_key(guarded: Flask) -> None:
    assert guarded.test_client().get(f"/api/v1/test-types?X-API-Key={KEY}&api_key={KEY}").status_code == 401


def test_a_subprotocol_carries_a_key(guarded: Flask) -> None:
    coded = base64.urlsafe_b64encode(KEY.encode()).decode().rstrip("=")
    for offered, status in [(f"gait, gait.key.{coded}", 200), ("gait, gait.key.%%%", 401), ("gait", 401)]:
        answer = guarded.test_client().get("/api/v1/test-types", headers={"Sec-WebSocket-Protocol": offered})
        assert answer.status_code == status, offered


def test_keys_are_not_logged(guarded: Flask, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    guarded.test_client().get("/api/v1/test-types", headers={"X-API-Key": KEY})
    guarded.test_client().get("/api/v1/test-types", headers={"X-API-Key": "wrong horse"})
    assert "horse" not in caplog.text + repr(guarded.config) + repr(guarded.extensions["gait"][0])


def test_without_keys_all_is_open(new_app: NewApp) -> None:
    assert new_app().test_client().get("/api/v1/test-types").status_code == 200
