"""Errors of a server and of proxies in between: each has a reason and advice."""

import pytest

from common.errors import OllamaHTTPError
from common.ollama.client import Ollama
from tests.integration.common.ollama.answering import Ask, responding


def test_an_error_has_the_servers_reason(ask: Ask) -> None:
    with responding(b'{"error": "out of order"}', 500) as server, pytest.raises(OllamaHTTPError) as refused:
        ask(server)
    assert str(refused.value) == f"Ollama at {server.url} answered 500: out of order. Its log has the cause."
    assert (refused.value.status, refused.value.retry_helps) == (500, True)


@pytest.mark.parametrize("content", [b"", b"<html>", b"[]", b"{}", b'"no"', b"null"])
def test_an_error_without_a_reason_has_its_status(ask: Ask, content: bytes) -> None:
    with responding(content, 404) as server, pytest.raises(OllamaHTTPError, match="answered 404: Not Found") as refused:
        ask(server)
    assert not refused.value.retry_helps


OWN = b'{"error": "busy"}'
PAGE = b"<html>"


@pytest.mark.parametrize(
    ("status", "content", "headers", "says", "retried"),
    [
        (
            401,
            PAGE,
            {},
            "A proxy at URL answered 401: Unauthorized. It needs a user and password. Write http://USER",
            False,
        ),
        (401, OWN, {"WWW-Authenticate": 'Bearer realm="x"'}, "does not accept a user and password", False),
        (407, PAGE, {}, "It needs a user and password", False),
        (403, b"", {}, "start it with OLLAMA_HOST=0.0.0.0, or let the proxy send `Host: localhost`", False),
        (400, PAGE, {}, "whether it needs https://", False),
        (413, PAGE, {}, "client_max_body_size", False),
        (418, PAGE, {}, "Check the URL and any proxy in between", False),
        (429, PAGE, {}, "A proxy at URL answered 429: Too Many Requests. It limits the rate", True),
        (500, PAGE, {}, "Its log, or that of a proxy in between, has the cause", True),
        (502, PAGE, {}, "A proxy at URL answered 502: Bad Gateway. Check that Ollama runs behind it", True),
        (503, PAGE, {}, "A proxy at URL answered 503: Service Unavailable. Check that Ollama runs behind", True),
        (503, OWN, {}, "Ollama at URL answered 503: busy. It is overloaded", True),
        (504, PAGE, {}, "A proxy at URL answered 504: Gateway Timeout. Ollama behind it did not answer in time", True),
        (524, b"", {}, "A proxy at URL answered 524", True),
        (301, b"", {"Location": "https://u:pw@h/api/version"}, "redirects to https://***@h. Write", False),
        (302, b"", {"Location": "/login?token=pw"}, "redirects to URL/login?***. Write", False),
        (304, b"", {}, "Check the URL and any proxy", False),
    ],
)
def test_each_status_has_advice(
    status: int, content: bytes, headers: dict[str, str], says: str, *, retried: bool
) -> None:
    with responding(content, status, **headers) as server, pytest.raises(OllamaHTTPError) as refused:
        server.version()
    message = str(refused.value)
    assert says in message.replace(server.url, "URL")
    assert (refused.value.retry_helps, "pw" in message) == (retried, False)
    assert "Its log has the cause" not in message


def test_a_refused_password_is_told_from_a_missing_one() -> None:
    with responding(b"", 401) as server, pytest.raises(OllamaHTTPError, match="It refuses the user and password in"):
        Ollama(server.url, authorization="Basic dTpw").version()
