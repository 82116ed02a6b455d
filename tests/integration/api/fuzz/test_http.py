"""Invalid HTTP under gunicorn, which is refused with the body of all errors or gets no response."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from testbed.servers.api_server import TRACE, ApiServer
from tests.integration.api.conftest import KEY
from tests.integration.api.fuzz.frames import HEADERS, raw_client
from tests.integration.api.fuzz.oddities import query

POST = (
    f"POST /api/v1/test-sessions HTTP/1.1\r\nHost: x\r\nX-API-Key: {KEY}\r\nContent-Type: application/json\r\n".encode()
)
GET = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
MANY = b"".join(b"X-%d: x\r\n" % number for number in range(200))

REFUSED: dict[str, tuple[bytes, set[int]]] = {
    "more bytes than declared": (POST + b"Content-Length: 2\r\n\r\n{}" + b"x" * 100, {422}),
    "fewer bytes than declared": (POST + b"Content-Length: 100\r\n\r\n{}", {400, 422}),
    "negative length": (POST + b"Content-Length: -1\r\n\r\n", {400}),
    "length that is not a number": (POST + b"Content-Length: 1e3\r\n\r\n", {400}),
    "length of 400 digits": (POST + b"Content-Length: " + b"9" * 400 + b"\r\n\r\n", {400, 413}),
    "two lengths": (POST + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", {400}),
    "a length and chunks": (POST + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", {400}),
    "too long": (POST + b"Content-Length: 70000\r\n\r\n" + b" " * 70_000, {413}),
    "too long in chunks": (
        CHUNKED + (b"4000\r\n" + b" " * 0x4000 + b"\r\n") * 5 + b"0\r\n\r\n",
        {413},
    ),
    "chunks of one byte": (CHUNKED + b"1\r\n{\r\n1\r\n}\r\n0\r\n\r\n", {422}),
    "a chunk's size that is not a number": (CHUNKED + b"xyz\r\n{}\r\n0\r\n\r\n", {400}),
    "a negative chunk": (CHUNKED + b"-2\r\n{}\r\n0\r\n\r\n", {400}),
    "a huge chunk": (CHUNKED + b"f" * 30 + b"\r\n{}", {400, 413}),
    "chunks without an end": (CHUNKED + b"2\r\n{}\r\n", {400, 422}),
    "another transfer coding": (POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", {400, 422, 501}),
    "NUL in a header": (GET + b"X: a\0b\r\n\r\n", {400}),
    "a header without a name": (GET + b": x\r\n\r\n", {400}),
    "a header with a space": (GET + b"X y: x\r\n\r\n", {400}),
    "a folded header": (GET + b"X: a\r\n b\r\n\r\n", {400}),
    "a header of 10,000 bytes": (GET + b"X: " + b"x" * 10_000 + b"\r\n\r\n", {400, 431}),
    "200 headers": (GET + MANY + b"\r\n", {431}),
    "an address of 10,000 bytes": (b"GET /" + b"x" * 10_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", {414}),
    "an odd method": (b"G\xc3\xa9T / HTTP/1.1\r\nHost: x\r\n\r\n", {400}),
    "another version": (b"GET / HTTP/9.9\r\nHost: x\r\n\r\n", {400}),
    "no version": (b"GET /\r\n\r\n", {400}),
    "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {400}),
    "a TLS handshake": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500) + b"\r\n\r\n", {400}),
    "NUL in the address": (b"GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n", {400, 401}),
    "an asterisk": (b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", {400, 401, 404}),
    "another site's address": (b"GET http://example.com/api/v1/models HTTP/1.1\r\nHost: x\r\n\r\n", {400, 401, 404}),
    "an expectation": (POST + b"Expect: 200-maybe\r\nContent-Length: 2\r\n\r\n{}", {417, 422}),
}
"""Sent bytes, with the allowed statuses."""

garbage = st.lists(
    st.sampled_from(
        [GET, POST, CHUNKED, b"GET ", b"\r\n", b"\r\n\r\n", b": ", b"Host: x", b" HTTP/1.1", b"\0", b"\xff"]
    )
    | st.binary(max_size=40),
    max_size=8,
).map(b"".join)
some = settings(max_examples=60, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def api(running: ApiServer) -> Iterator[ApiServer]:
    """Yield the server, and check that its log has no internal error."""
    yield running
    assert TRACE not in running.log.read_text()


def answered(api: ApiServer, sent: bytes) -> list[tuple[int, Any]]:
    """Send only these bytes, and return status and JSON of each response."""
    with raw_client(api.address) as client:
        client.send(sent)
        client.leave()
        return list(answers(client.rest()))


def answers(data: bytes) -> Iterator[tuple[int, Any]]:
    while data:
        head, _, rest = data.partition(b"\r\n\r\n")
        status = int(head.split(b" ")[1])
        fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
        length = int(fields.get(b"content-length", 0))
        is_json = fields.get(b"content-type") == b"application/json"
        yield status, json.loads(rest[:length]) if is_json and length else None
        data = rest[length:]


def check_response(status: int, body: Any) -> None:
    assert status < 500 or status == 501
    if status >= 400:
        assert body is not None
        assert {"status", "message"} <= body.keys() <= {"status", "message", "details"}
        assert body["status"] == status


@pytest.mark.parametrize("name", REFUSED)
def test_invalid_http_is_refused(api: ApiServer, name: str) -> None:
    sent, statuses = REFUSED[name]
    (status, body), *others = answered(api, sent)
    assert status in statuses, body
    for each in ((status, body), *others):
        check_response(*each)


@some
@given(sent=garbage)
def test_any_bytes_are_refused_or_get_no_response(api: ApiServer, sent: bytes) -> None:
    for status, body in answered(api, sent):
        check_response(status, body)


@pytest.mark.parametrize(("path", "names"), [("test-progress", ["sessionId", "after"]), ("hardware", ["host", "hz"])])
@some
@given(data=st.data())
def test_any_query_of_a_websocket_is_served_or_refused(
    api: ApiServer, path: str, names: list[str], data: st.DataObject
) -> None:
    with raw_client(api.address) as client:
        line = client.shake(f"/ws/{path}?{data.draw(query(names))[:4000]}", HEADERS | {"X-API-Key": KEY})
        assert int(line.split()[1]) in {101, 400, 404, 422}
