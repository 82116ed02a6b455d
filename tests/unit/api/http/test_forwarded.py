"""Headers of trusted proxies, and what others write into them."""

import logging
from ipaddress import ip_network
from typing import Any

import pytest
from flask import Flask, request, url_for

from api.http.access.forwarded import ForwardedMiddleware
from common.environment.exposure import Proxies

NONE, ONE, TWO = Proxies(), Proxies(count=1), Proxies(count=2)
NAMED = Proxies(networks=(ip_network("127.0.0.1"), ip_network("10.0.0.0/8"), ip_network("fd00::/8")))
PEER = "127.0.0.1"


def seen(app: Flask, path: str = "/seen", peer: str = PEER, **headers: str) -> Any:
    """Return the client's address, the address of a link with its host, and the path, as a view sees them."""
    named = {f"X-Forwarded-{name}": value for name, value in headers.items()}
    return app.test_client().get(path, headers=named, environ_overrides={"REMOTE_ADDR": peer}).json


def behind(proxies: Proxies, prefix: str = "") -> Flask:
    """Return an application that reports what it sees behind these proxies."""
    app = Flask("seen")

    @app.get("/seen")
    def view() -> list[str | None]:
        return [request.remote_addr, url_for("view", _external=True), request.path]

    app.wsgi_app = ForwardedMiddleware(app.wsgi_app, proxies, prefix)  # type: ignore[method-assign] # as in api/app.py
    return app


@pytest.mark.parametrize(
    ("proxies", "peer", "chain", "client"),
    [
        (NONE, PEER, "203.0.113.7", PEER),
        (ONE, PEER, "203.0.113.7", "203.0.113.7"),
        (ONE, PEER, "198.51.100.9, 203.0.113.7", "203.0.113.7"),  # the client wrote the first
        (TWO, PEER, "198.51.100.9, 203.0.113.7, 10.0.0.2", "203.0.113.7"),
        (TWO, PEER, "203.0.113.7", "203.0.113.7"),  # the inner proxy alone
        (NAMED, PEER, "203.0.113.7", "203.0.113.7"),
        (NAMED, PEER, "198.51.100.9, 203.0.113.7, 10.0.0.2", "203.0.113.7"),
        (NAMED, PEER, "10.9.9.9, 203.0.113.7", "203.0.113.7"),
        (NAMED, PEER, "10.9.9.9, 10.0.0.2", "10.9.9.9"),  # a client of the inner network
        (NAMED, "203.0.113.7", "198.51.100.9", "203.0.113.7"),
        (NAMED, "::ffff:127.0.0.1", "2001:db8::7", "2001:db8::7"),
        (NAMED, "fd00::1", "[2001:db8::7]:443", "2001:db8::7"),
        (ONE, PEER, "203.0.113.7:51234", "203.0.113.7"),
        (ONE, PEER, "unknown", PEER),
        (ONE, PEER, "203.0.113.7, \x1b[31mforged", PEER),
        (ONE, PEER, "", PEER),
    ],
)
def test_the_client_is_the_first_address_that_a_trusted_proxy_saw(
    proxies: Proxies, peer: str, chain: str, client: str
) -> None:
    assert seen(behind(proxies), peer=peer, For=chain)[0] == client


@pytest.mark.parametrize(
    ("headers", "link"),
    [
        ({"Proto": "https"}, "https://localhost/seen"),
        ({"Proto": "wss"}, "https://localhost/seen"),
        ({"Proto": "javascript"}, "http://localhost/seen"),
        ({"Host": "gait.example:8443", "Proto": "https"}, "https://gait.example:8443/seen"),
        ({"Prefix": "/gait"}, "http://localhost/gait/seen"),
        ({"Prefix": "/gait/"}, "http://localhost/gait/seen"),
        ({"Prefix": "/lab/gait"}, "http://localhost/lab/gait/seen"),
        ({"Prefix": "/"}, "http://localhost/seen"),
        ({"Prefix": "//evil.example"}, "http://localhost/seen"),
        ({"Prefix": "https://evil.example"}, "http://localhost/seen"),
        ({"Prefix": '/"><script>'}, "http://localhost/seen"),
    ],
)
def test_links_are_what_a_browser_can_follow(headers: dict[str, str], link: str) -> None:
    assert seen(behind(ONE), For="203.0.113.7", **headers)[1] == link
    assert seen(behind(NONE), **headers)[1] == "http://localhost/seen"


@pytest.mark.parametrize("path", ["/seen", "/gait/seen"])
def test_a_path_of_a_proxy_may_arrive_or_not(path: str) -> None:
    for app, headers in ((behind(NONE, "/gait"), {}), (behind(ONE), {"Prefix": "/gait"})):
        link, inner = seen(app, path, **headers)[1:]
        assert (link, inner) == ("http://localhost/gait/seen", "/seen")


def test_a_proxy_that_is_not_trusted_is_reported_once(caplog: pytest.LogCaptureFixture) -> None:
    app = behind(NONE)
    with caplog.at_level(logging.WARNING, "api.http.access.forwarded"):
        for _ in range(2):
            seen(app, For="203.0.113.7")
    [record] = caplog.records
    assert "Set GAIT_FORWARDED_FOR=127.0.0.1 to trust it." in record.getMessage()


@pytest.mark.parametrize(
    ("proxies", "headers", "warnings"),
    [
        (NONE, {"Forwarded": "for=203.0.113.7"}, 1),
        (ONE, {"Forwarded": "for=203.0.113.7;proto=https"}, 1),
        (NAMED, {"X-Real-IP": "203.0.113.7"}, 1),
        (NAMED, {"X-Real-IP": "203.0.113.7", "X-Forwarded-For": "203.0.113.7"}, 0),  # as nginx often does
        (NONE, {}, 0),
    ],
)
def test_a_proxy_that_sends_only_headers_that_are_not_read_is_reported(
    caplog: pytest.LogCaptureFixture, proxies: Proxies, headers: dict[str, str], warnings: int
) -> None:
    with caplog.at_level(logging.WARNING, "api.http.access.forwarded"):
        behind(proxies).test_client().get("/seen", headers=headers)
    warning = "A proxy at 127.0.0.1 sends Forwarded or X-Real-IP, which are not read"
    assert [record.getMessage().startswith(warning) for record in caplog.records] == [True] * warnings
