"""The names that Gait answers to."""

import socket

import pytest
from flask.testing import FlaskClient

from common.environment.exposure import Proxies
from tests.integration.api.conftest import HEADER, KEY, NewApp, body
from tests.integration.api.http.access.test_access import HANDSHAKE

NAME = socket.gethostname()
OWN = [
    *("localhost", "localhost:8000", "gait.localhost", "LOCALHOST.", "127.0.0.1:8000", "[::1]:8000", "192.168.1.10"),
    *("[fe80::1]", NAME, f"{NAME.upper()}:8000", f"{NAME.partition('.')[0]}.local"),
]
FOREIGN = [
    *("evil.example", "evil.example:8000", "localhost.evil.example", "127.0.0.1.evil.example", "evil_.example"),
    *("evil.example.", "evil.example:x", "[evil.example]", "evil.example/", "ev il", "127.0.0.1@evil.example"),
]
PATHS = ("/", "/api/v1/test-types", "/openapi.json", "/docs/", "/metrics", "/nothing")


def test_names_of_this_machine_are_accepted(client: FlaskClient) -> None:
    for host in (*OWN, ""):
        assert client.get("/api/v1/test-types", headers={"Host": host}).status_code == 200, host


def test_without_keys_no_other_name_is_accepted(client: FlaskClient) -> None:
    for host in FOREIGN:
        headers = {"Host": host, "Origin": f"http://{host}"}
        assert client.post("/api/v1/test-sessions", json={}, headers=headers).status_code == 403, host
        for path in PATHS:
            answer = client.get(path, headers={"Host": host})
            assert answer.status_code == 403, (host, path)
            assert "TRUSTED_HOSTS" in answer.text
        assert client.get("/ws/hardware", headers={"Host": host} | HANDSHAKE).status_code == 403, host
        assert client.get("/healthz", headers={"Host": host}).status_code == 200, host


def test_a_forwarded_name_does_not_hide_the_name_that_a_browser_sent(new_app: NewApp) -> None:
    client = new_app(forwarded_for=Proxies(count=1)).test_client()
    for headers in (
        {"Host": "evil.example", "X-Forwarded-Host": "localhost"},
        {"Host": "localhost", "X-Forwarded-Host": "evil.example"},
    ):
        assert client.get("/api/v1/test-types", headers=headers).status_code == 403


@pytest.mark.parametrize(
    ("trusted", "host", "status"),
    [
        ((), "evil.example", 200),  # its scripts have no key
        (("gait.example",), "gait.example", 200),
        (("gait.example",), "GAIT.example:8443", 200),
        (("gait.example",), "localhost", 200),
        (("gait.example",), "evil.example", 403),
        (("gait.example",), "a.gait.example", 403),
        ((".gait.example",), "a.gait.example", 200),
        ((".gait.example",), "gait.example", 200),
        ((".gait.example",), "evilgait.example", 403),
        (("*",), "evil.example", 200),
    ],
)
def test_names_may_be_named(new_app: NewApp, trusted: tuple[str, ...], host: str, status: int) -> None:
    client = new_app(api_keys=(KEY,), trusted_hosts=trusted).test_client()
    assert client.get("/api/v1/test-types", headers={"Host": host} | HEADER).status_code == status


def test_the_refusal_says_what_to_set(new_app: NewApp) -> None:
    answer = new_app().test_client().get("/api/v1/test-types", headers={"Host": "gait.example:8443"})
    assert body(answer)["message"].startswith("'gait.example:8443' is not a name of this Gait")
