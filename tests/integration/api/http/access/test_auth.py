import base64
import hashlib
import logging

import pytest
from flask import Flask

from tests.integration.api.conftest import KEY, NewApp, body


@pytest.fixture
def guarded(new_app: NewApp) -> Flask:
    return new_app(api_keys=("first", KEY))


def test_a_server_with_only_read_only_keys_allows_no_changes(new_app: NewApp) -> None:
    client = new_app(read_only_keys=("reader",)).test_client()
    assert client.post("/api/v1/test-sessions").status_code == 401
    assert client.post("/api/v1/test-sessions", headers={"X-API-Key": "reader"}).status_code == 403


def test_a_digest_in_the_settings_stands_for_its_key(new_app: NewApp) -> None:
    stored = "sha256:" + hashlib.sha256(KEY.encode()).hexdigest()
    client = new_app(api_keys=(stored,)).test_client()
    assert client.get("/api/v1/test-types", headers={"X-API-Key": KEY}).status_code == 200
    assert client.get("/api/v1/test-types", headers={"X-API-Key": stored}).status_code == 401


def test_each_key_is_valid(guarded: Flask) -> None:
    client = guarded.test_client()
    for key in ("first", KEY):
        assert client.get("/api/v1/test-types", headers={"X-API-Key": key}).status_code == 200


@pytest.mark.parametrize("key", ["", "second", KEY + " ", KEY.upper(), "grüße"])
def test_other_keys_are_invalid(guarded: Flask, key: str) -> None:
    answer = guarded.test_client().get("/api/v1/test-types", headers={"X-API-Key": key.encode().decode("latin-1")})
    assert answer.status_code == 401
    message = "A valid key is needed in the header X-API-Key, or as Authorization: Bearer."
    assert body(answer) == {"status": 401, "message": message}
    assert answer.headers["WWW-Authenticate"] == "Bearer realm=Gait"


def test_keys_need_not_be_ascii(new_app: NewApp) -> None:
    client = new_app(api_keys=("grüße",)).test_client()
    header = "grüße".encode().decode("latin-1")  # WSGI's encoding of UTF-8 bytes
    assert client.get("/api/v1/test-types", headers={"X-API-Key": header}).status_code == 200


def test_unknown_paths_reveal_nothing_without_a_key(guarded: Flask) -> None:
    assert guarded.test_client().get("/api/v1/nothing").status_code == 401


def test_the_methods_of_a_route_are_not_secret(guarded: Flask) -> None:
    for path, allowed in (("/healthz", {"GET", "HEAD", "OPTIONS"}), ("/api/v1/models", {"GET", "HEAD", "OPTIONS"})):
        answer = guarded.test_client().delete(path)
        assert answer.status_code == 405
        assert set(answer.headers["Allow"].split(", ")) == allowed


def test_a_key_may_be_in_a_subprotocol(guarded: Flask) -> None:
    coded = base64.urlsafe_b64encode(KEY.encode()).decode().rstrip("=")
    for offered, status in [(f"gait, gait.key.{coded}", 200), ("gait, gait.key.%%%", 401), ("gait", 401)]:
        answer = guarded.test_client().get("/api/v1/test-types", headers={"Sec-WebSocket-Protocol": offered})
        assert answer.status_code == status, offered


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Authorization": f"Bearer {KEY}"}, 200),
        ({"Authorization": f"bearer  {KEY} "}, 200),
        ({"Authorization": "Bearer wrong"}, 401),
        ({"Authorization": "Bearer"}, 401),
        ({"Authorization": KEY}, 401),
        ({"Authorization": f"Token {KEY}"}, 401),
        ({"Authorization": "Basic " + base64.b64encode(f"gait:{KEY}".encode()).decode()}, 401),
        ({"Authorization": "Bearer wrong", "X-API-Key": KEY}, 200),
        ({"Authorization": "Bearer a-proxy-s-own", "Sec-WebSocket-Protocol": "gait, gait.key.Y29ycmVjdCBob3JzZQ"}, 200),
        ({"Authorization": f"Bearer {KEY}", "Sec-WebSocket-Protocol": "gait"}, 200),
        ({"Authorization": "Basic bGFiOmxhYg==", "X-API-Key": KEY}, 200),  # a proxy's own password
        ({"Authorization": f"Bearer {KEY}", "X-API-Key": ""}, 200),
        ({"Authorization": f"Bearer {KEY}", "X-API-Key": "wrong"}, 401),
    ],
)
def test_a_key_may_be_a_bearer_token(guarded: Flask, headers: dict[str, str], status: int) -> None:
    for path in ("/api/v1/test-types", "/metrics"):
        assert guarded.test_client().get(path, headers=headers).status_code == status


def test_keys_are_not_logged(guarded: Flask, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    guarded.test_client().get("/api/v1/test-types", headers={"X-API-Key": KEY})
    guarded.test_client().get("/api/v1/test-types", headers={"X-API-Key": "wrong horse"})
    assert "horse" not in caplog.text + repr(guarded.config) + repr(guarded.extensions)


def test_without_keys_everything_is_allowed(new_app: NewApp) -> None:
    assert new_app().test_client().get("/api/v1/test-types").status_code == 200
