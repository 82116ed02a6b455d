"""Scripts of other sites, as browsers send their requests."""

from contextlib import AbstractContextManager, nullcontext

import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import Headers
from werkzeug.exceptions import Forbidden

from api.http.access.cross_site import refuse_other_sites
from tests.integration.api.conftest import HEADER, KEY, NewApp, body
from tests.integration.api.http.access.test_access import HANDSHAKE

FRIEND, FRIEND_6 = "https://lab.example:8443", "http://[::1]:3000"
SESSION = "/api/v1/test-sessions/01a209d2-d221-741c-84d0-38c0f996e1b8"
ALLOW = "Access-Control-Allow-Origin"


@pytest.fixture
def client(new_app: NewApp) -> FlaskClient:
    """Return a client of an application with a key, which FRIEND and FRIEND_6 may use."""
    return new_app(api_keys=(KEY,), allowed_origins=(FRIEND, FRIEND_6)).test_client()


ASKED = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type,x-api-key"}


def preflight(client: FlaskClient, path: str, origin: str) -> Headers:
    """Ask for a POST with a key, without a key, and return the headers of a positive answer."""
    answer = client.options(path, headers={"Origin": origin, **ASKED})
    return answer.headers if answer.status_code == 204 else Headers()


@pytest.mark.parametrize("path", ["/api/v1/test-sessions", SESSION, "/openapi.json", "/metrics", "/api/v1/unknown"])
def test_a_preflight_request_needs_no_key(client: FlaskClient, path: str) -> None:
    for origin in (FRIEND, FRIEND_6):
        found = preflight(client, path, origin)
        assert found[ALLOW] == origin
        assert found["Access-Control-Allow-Headers"] == "content-type, x-api-key"
        assert {"POST", "DELETE"} <= set(found["Access-Control-Allow-Methods"].split(", "))
        assert "Access-Control-Allow-Credentials" not in found
        assert "Origin" in found.getlist("Vary")


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "https://lab.example", f"{FRIEND}0", "https://lab-example:8443", "null"]
)
def test_other_sites_are_not_allowed(client: FlaskClient, origin: str) -> None:
    refused = client.options("/api/v1/test-sessions", headers={"Origin": origin, **ASKED})
    assert (refused.status_code, ALLOW in refused.headers) == (403, False)
    message = body(refused)["message"]
    assert message.startswith(f"Cross-site request from {origin} refused")
    assert message.endswith(f"set ALLOWED_ORIGINS to allow {'that' if origin == 'null' else 'it'}.")
    assert ALLOW not in client.get("/api/v1/test-types", headers={"Origin": origin} | HEADER).headers


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/api/v1/test-types", HEADER, 200),
        ("/api/v1/test-types", {}, 401),
        ("/api/v1/test-sessions?limit=0", HEADER, 422),
        ("/api/v1/unknown", HEADER, 404),
        ("/readyz", {}, 200),
    ],
)
def test_an_allowed_site_reads_every_answer(
    client: FlaskClient, path: str, headers: dict[str, str], status: int
) -> None:
    answer = client.get(path, headers={"Origin": FRIEND} | headers)
    assert (answer.status_code, answer.headers[ALLOW]) == (status, FRIEND)
    assert "Retry-After" in answer.headers["Access-Control-Expose-Headers"]


def test_all_sites_may_be_allowed(new_app: NewApp) -> None:
    client = new_app(api_keys=(KEY,), allowed_origins=("*",)).test_client()
    assert preflight(client, "/api/v1/test-sessions", "https://any.example")[ALLOW] == "*"
    assert client.get("/api/v1/test-types", headers={"Origin": "null"} | HEADER).headers[ALLOW] == "*"


@pytest.mark.parametrize(
    ("origin", "host", "status"),
    [
        (None, "localhost", 404),
        ("http://localhost", "localhost", 404),
        ("https://localhost", "localhost:443", 404),  # a proxy with TLS that says neither
        ("http://LOCALHOST:80", "localhost", 404),
        (FRIEND, "localhost", 404),
        ("http://evil.example", "localhost", 403),
        ("http://localhost:81", "localhost", 403),
        ("http://localhost:no", "localhost", 403),
        ("http://[", "localhost", 403),
        ("null", "localhost", 403),
        ("null", "", 403),
        ("http://evil.example", "evil.example", 403),
    ],
)
def test_without_keys_cross_site_changes_are_refused(
    new_app: NewApp, origin: str | None, host: str, status: int
) -> None:
    headers = {"Host": host} | ({"Origin": origin} if origin else {})
    client = new_app(allowed_origins=(FRIEND,)).test_client()
    for method, path in (("POST", f"{SESSION}/cancel"), ("DELETE", SESSION)):
        assert client.open(path, method=method, headers=headers).status_code == status
    with_key = new_app(api_keys=(KEY,)).test_client()
    assert with_key.delete(SESSION, headers=headers | HEADER).status_code == 404


@pytest.mark.parametrize(
    ("keys", "allowed", "origin", "opens"),
    [
        ((), (), "http://evil.example", pytest.raises(Forbidden)),
        ((), (), "http://localhost", nullcontext()),
        ((), (FRIEND,), FRIEND, nullcontext()),
        ((KEY,), (), "http://evil.example", nullcontext()),  # it has a key
        ((KEY,), (FRIEND,), "http://evil.example", pytest.raises(Forbidden)),
        ((KEY,), (FRIEND,), "http://localhost", nullcontext()),
        ((KEY,), (FRIEND,), FRIEND, nullcontext()),
        ((KEY,), ("*",), "http://evil.example", nullcontext()),
    ],
)
def test_websockets_follow_the_same_list(
    new_app: NewApp, keys: tuple[str, ...], allowed: tuple[str, ...], origin: str, opens: AbstractContextManager[object]
) -> None:
    app = new_app(api_keys=keys, allowed_origins=allowed)
    headers = HANDSHAKE | HEADER | {"Origin": origin}
    with app.test_request_context("/ws/hardware", base_url="ws://localhost", headers=headers), opens:
        refuse_other_sites()


def test_the_refusal_says_what_a_proxy_may_have_changed(new_app: NewApp) -> None:
    headers = {"Host": "127.0.0.1:8000", "Origin": "https://lab.example"}
    message = body(new_app().test_client().delete(SESSION, headers=headers))["message"]
    assert message.startswith("Cross-site request from https://lab.example refused")
    assert "reached as 127.0.0.1:8000" in message
    assert "proxy must pass on the header Host" in message
