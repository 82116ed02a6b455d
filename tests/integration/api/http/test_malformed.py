"""Invalid and oversized HTTP requests, sent as bytes to real gunicorn."""

import contextlib
import json
import socket

import pytest
import requests

from api.http.requests.malformed import MAX_HEADER_BYTES, MAX_HEADERS, MAX_LINE_BYTES
from testbed.servers.api_server import ApiServer
from tests.integration.api.conftest import HEADER, KEY

SECRET = "xyzzy-secret"
HEAD = f"Host: gait\r\nX-API-Key: {KEY}\r\nConnection: close\r\n"
POST = f"POST /api/v1/test-sessions HTTP/1.1\r\n{HEAD}Content-Type: application/json\r\n"


def ask(server: ApiServer, request: str) -> tuple[int, bytes]:
    """Send these bytes, and return status and body of the response."""
    host, port = server.address.split(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(request.encode("latin-1"))
        with contextlib.suppress(OSError):  # the request was refused before its end
            connection.shutdown(socket.SHUT_WR)
        received = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, body = received.partition(b"\r\n\r\n")
    return int(head.split()[1]), body


def get(path: str = "/api/v1/test-types", headers: str = "") -> str:
    return f"GET {path} HTTP/1.1\r\n{HEAD}{headers}\r\n"


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (get("/" + "x" * (MAX_LINE_BYTES + 1)), 414),
        (get(headers=f"X-Long: {'x' * (MAX_HEADER_BYTES + 1)}\r\n"), 431),
        (get(headers="".join(f"X-{number}: x\r\n" for number in range(MAX_HEADERS + 1))), 431),
        (get(headers=f"X-API-Key {SECRET}\r\n"), 400),
        (get(headers=f"X-API-Key: {SECRET}\x00\r\n"), 400),
        (get(headers=f"X-API-Key: a\r\n {SECRET}\r\n"), 400),
        (get(f"/?{SECRET} x"), 400),
        (f"{SECRET}\r\n\r\n", 400),
        (f"GET / HTTP/9.{SECRET}\r\n\r\n", 400),
        (get(headers="Content-Length: 1\r\nContent-Length: 2\r\n"), 400),
        (get(headers=f"Transfer-Encoding: {SECRET}\r\n"), 400),
        (f"{POST}Content-Length: 65537\r\n\r\n", 413),
        (f"{POST}Content-Length: x\r\n\r\n", 400),
        (f"{POST}Transfer-Encoding: chunked\r\n\r\n{SECRET}\r\n", 400),
        (f"{POST}Transfer-Encoding: chunked\r\n\r\n11000\r\n{' ' * 0x11000}\r\n0\r\n\r\n", 413),
        (f"{POST}Content-Length: 100\r\n\r\n{{", 400),
    ],
)
def test_a_malformed_request_is_refused_and_not_repeated(server: ApiServer, request_: str, status: int) -> None:
    answered, body = ask(server, request_)
    document = json.loads(body)
    assert (answered, document["status"]) == (status, status), document
    assert document["message"]
    assert SECRET.encode() not in body
    assert SECRET not in server.log.read_text()
    assert "Traceback" not in server.log.read_text()


def test_a_body_that_was_cut_is_not_taken_as_whole(server: ApiServer) -> None:
    status, body = ask(server, f'{POST}Content-Length: 90\r\n\r\n{{"models": ["tiny"], "testTypes": ["decode"]}}')
    message = "The body ended after 45 of 90 bytes. Send all of it, without a pause of 30 s."
    assert (status, json.loads(body)["message"]) == (400, message)


@pytest.mark.parametrize("connection", ["keep-alive", "close"])
@pytest.mark.parametrize("chunks", [1, 64])
def test_a_client_that_sends_too_much_receives_the_response(server: ApiServer, connection: str, chunks: int) -> None:
    """Closing a connection with unread bytes would reset it, and the client would lose the response."""
    body = b" " * (1 << 21)
    pieces = body if chunks == 1 else iter([body[: len(body) // chunks]] * chunks)
    headers = HEADER | {"Connection": connection, "Content-Type": "application/json"}
    address = f"http://{server.address}/api/v1/test-sessions"
    answer = requests.post(address, data=pieces, headers=headers, timeout=20)
    assert (answer.status_code, answer.json()["status"]) == (413, 413)
    assert server.get("/healthz").ok


def test_a_request_at_the_limits_is_accepted(server: ApiServer) -> None:
    path = "/api/v1/test-types?_="
    path += "x" * (MAX_LINE_BYTES - len(f"GET {path} HTTP/1.1"))
    status, body = ask(server, get(path, f"X-Long: {'x' * (MAX_HEADER_BYTES - len('X-Long: ') - 2)}\r\n"))
    assert (status, list(json.loads(body))) == (200, ["testTypes"])
