"""Both WebSockets under all kinds of frames, which end in a valid close or silence and disturb no other client."""

import struct
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis

from common.messaging import streams
from common.messaging.redis import PROGRESS
from testbed.servers.api_server import TRACE, ApiServer
from testbed.waiting import until
from tests.integration.api.conftest import KEY
from tests.integration.api.fuzz.frames import (
    BINARY,
    CLOSE,
    CONTINUATION,
    FIN,
    HEADERS,
    MASK,
    PING,
    PONG,
    RSV1,
    RSV2,
    RSV3,
    TEXT,
    RawClient,
    closing,
    frame,
    raw_client,
)

PATHS = ("/ws/test-progress", "/ws/hardware")
PROTOCOL_ERROR, NO_TEXT, TOO_BIG = 1002, 1007, 1009
LONGEST = 4096
END = b"the end"
BAD_CLIENTS = 64

IGNORED = {
    "text": frame(TEXT, b"hello"),
    "binary": frame(BINARY, b"\0\xff"),
    "no content": frame(TEXT) + frame(BINARY),
    "pong without a ping": frame(PONG, b"x" * 125),
    "a message in pieces, a ping between": frame(TEXT, b"a", flags=0) + frame(PING) + frame(CONTINUATION, b"b"),
    "a character in two pieces": frame(TEXT, b"\xe2\x82", flags=0) + frame(CONTINUATION, b"\xac"),
    "the longest message": frame(TEXT, b"x" * LONGEST),
    "thousands of messages": frame(TEXT) * 5000,
    "thousands of pings": frame(PING) * 5000,
    "thousands of pieces": frame(TEXT, flags=0) + frame(CONTINUATION, flags=0) * 5000 + frame(CONTINUATION),
}
"""Frames after which the server still responds."""

CLOSED: dict[str, tuple[bytes, int | None]] = {
    "continuation of nothing": (frame(CONTINUATION, b"x"), PROTOCOL_ERROR),
    "a message within another": (frame(TEXT, b"a", flags=0) + frame(TEXT, b"b"), PROTOCOL_ERROR),
    **{f"reserved opcode {code}": (frame(code, b"x"), PROTOCOL_ERROR) for code in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)},
    **{f"reserved bit {bit}": (frame(TEXT, b"x", flags=FIN | bit), PROTOCOL_ERROR) for bit in (RSV1, RSV2, RSV3)},
    "ping of 126 bytes": (frame(PING, b"x" * 126), PROTOCOL_ERROR),
    "close of 126 bytes": (closing(1000, b"x" * 124), PROTOCOL_ERROR),
    "ping in pieces": (frame(PING, b"x", flags=0), PROTOCOL_ERROR),
    "close in pieces": (frame(CLOSE, b"\x03\xe8", flags=0), PROTOCOL_ERROR),
    "unmasked": (frame(TEXT, b"x", masked=False), PROTOCOL_ERROR),
    "unmasked close": (frame(CLOSE, b"\x03\xe8", masked=False), PROTOCOL_ERROR),
    "length of 2^63": (frame(BINARY, b"x", length=2**63), PROTOCOL_ERROR),
    "length of 2^64 - 1": (frame(BINARY, b"x", length=2**64 - 1), PROTOCOL_ERROR),
    "length written too long": (bytes([FIN | BINARY, 0x80 | 126, 0, 1]) + MASK + b"x", PROTOCOL_ERROR),
    "HTTP": (b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", PROTOCOL_ERROR),
    "zeros": (bytes(1000), PROTOCOL_ERROR),
    "ones": (b"\xff" * 1000, PROTOCOL_ERROR),
    "no UTF-8": (frame(TEXT, b"\xff\xfe"), NO_TEXT),
    "half a character": (frame(TEXT, b"\xe2\x82"), NO_TEXT),
    "half a surrogate pair": (frame(TEXT, b"\xed\xa0\x80"), NO_TEXT),
    "overlong UTF-8": (frame(TEXT, b"\xc0\xaf"), NO_TEXT),
    "close whose reason is not UTF-8": (closing(1000, b"\xff"), NO_TEXT),
    "one byte too many": (frame(TEXT, b"x" * (LONGEST + 1)), TOO_BIG),
    "a megabyte": (frame(BINARY, b"x" * 2**20), TOO_BIG),
    "too many bytes in pieces": (frame(TEXT, b"x" * 4000, flags=0) + frame(CONTINUATION, b"x" * 4000), TOO_BIG),
    "length of 2^63 - 1, a part of it sent": (frame(BINARY, b"x" * 5000, length=2**63 - 1), TOO_BIG),
    "close of one byte": (frame(CLOSE, b"\x03"), PROTOCOL_ERROR),
    **{
        f"close with {code}, which is not a code": (closing(code), PROTOCOL_ERROR)
        for code in (0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 65535)
    },
    "close without a code": (frame(CLOSE), None),
    **{f"close with {code}": (closing(code, "für dich 👋".encode()), code) for code in (1000, 1001, 3000, 4999)},
    "close, and more": (closing(1000) + frame(TEXT, b"x") + b"\xff" * 100, 1000),
}
"""Frames, with the code that the server closes with."""

HANDSHAKES: dict[str, tuple[dict[str, str | None], int]] = {
    "no key": ({"Sec-WebSocket-Key": None}, 400),
    "a short key": ({"Sec-WebSocket-Key": "AAAA"}, 400),
    "a key that is not base64": ({"Sec-WebSocket-Key": "ÿ" * 24}, 400),
    "an old version": ({"Sec-WebSocket-Version": "8"}, 426),
    "a version that is not a number": ({"Sec-WebSocket-Version": "thirteen"}, 426),
    "no version": ({"Sec-WebSocket-Version": None}, 426),
    "no upgrade": ({"Upgrade": None}, 426),
    "another upgrade": ({"Upgrade": "h2c"}, 426),
    "no connection": ({"Connection": None}, 426),
    "a subprotocol beyond ASCII": ({"Sec-WebSocket-Protocol": "gait, é"}, 400),
    "a control character": ({"Sec-WebSocket-Extensions": "permessage-deflate\x01"}, 400),
    "no subprotocols in a list": ({"Sec-WebSocket-Protocol": ", ,,"}, 101),
    "odd extensions": ({"Sec-WebSocket-Extensions": "permessage-deflate; server_max_window_bits=99999; ="}, 101),
    "a header of 8,000 characters": ({"X-Long": "x" * 8000}, 101),
    "bytes beyond ASCII": ({"X-Odd": "é\xff"}, 101),
}

frames = st.builds(
    frame,
    st.integers(0, 15),
    st.binary(max_size=300),
    flags=st.integers(0, 15).map(lambda bits: bits << 4),
    masked=st.booleans() | st.just(value=True),
    length=st.none() | st.integers(0, 2**64 - 1),
)
closes = st.builds(closing, st.integers(0, 2**16 - 1), st.binary(max_size=140))
conversations = st.lists(frames | closes | st.binary(max_size=300), max_size=12).map(b"".join)


@pytest.fixture(scope="module")
def watched(running: ApiServer) -> Iterator[ApiServer]:
    """Yield the server, and check that its log has no internal error."""
    yield running
    log = running.log.read_text()
    assert TRACE not in log
    assert "[error" not in log


@pytest.fixture
def watched_server(watched: ApiServer, server: ApiServer) -> ApiServer:
    assert watched is server
    return server


def shaken(client: RawClient, path: str) -> None:
    assert client.shake(path, HEADERS | {"X-API-Key": KEY}) == "HTTP/1.1 101 Switching Protocols"


def close_code(client: RawClient) -> int | None:
    """Return the code of the only close frame, after which the connection ends."""
    controls = [received for received in client.frames() if received.opcode not in (TEXT, PONG)]
    assert [received.opcode for received in controls] == [CLOSE]
    return controls[0].code


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", IGNORED)
def test_allowed_frames_are_ignored(watched_server: ApiServer, path: str, name: str) -> None:
    with raw_client(watched_server.address) as client:
        shaken(client, path)
        client.send(IGNORED[name] + frame(PING, END))
        answered = [received.payload for received in client.frames_until(END) if received.opcode == PONG]
        assert len(answered) == 1 + IGNORED[name].count(frame(PING))
        client.send(closing(1000))
        assert close_code(client) == 1000


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", CLOSED)
def test_a_wrong_frame_closes_the_connection_with_its_code(watched_server: ApiServer, path: str, name: str) -> None:
    sent, code = CLOSED[name]
    with raw_client(watched_server.address) as client:
        shaken(client, path)
        client.send(sent)
        assert close_code(client) == code


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", HANDSHAKES)
def test_handshakes_are_accepted_or_refused(watched_server: ApiServer, path: str, name: str) -> None:
    changed, status = HANDSHAKES[name]
    headers = {key: value for key, value in {**HEADERS, "X-API-Key": KEY, **changed}.items() if value is not None}
    with raw_client(watched_server.address) as client:
        assert int(client.shake(path, headers).split()[1]) == status


@pytest.mark.parametrize("path", PATHS)
@settings(max_examples=60, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sent=conversations)
def test_any_bytes_end_in_a_valid_close_or_in_silence(watched_server: ApiServer, path: str, sent: bytes) -> None:
    with raw_client(watched_server.address) as client:
        shaken(client, path)
        client.send(sent)
        client.leave()
        codes = [received.code for received in client.frames() if received.opcode == CLOSE]
        assert len(codes) <= 1
        for code in codes:
            assert code in {None, PROTOCOL_ERROR, NO_TEXT, TOO_BIG} or struct.pack("!H", code) in unmasked(sent)


def unmasked(sent: bytes) -> bytes:
    """Return the bytes unmasked at each of the mask's four positions."""
    return b"".join(bytes(byte ^ MASK[(at + shift) % 4] for at, byte in enumerate(sent)) for shift in range(4))


@pytest.mark.slow
def test_bad_clients_leave_nothing_behind_and_disturb_no_other(watched_server: ApiServer, redis: Redis) -> None:
    server = watched_server
    [worker] = server.workers
    until(lambda: clients(server) == 0, "clients of earlier tests to leave")
    healthy = server.connect("/ws/test-progress", header={"X-API-Key": KEY})
    before = worker.num_fds()
    stop = threading.Event()
    floods = [threading.Thread(target=flood, args=(server, path, stop)) for path in PATHS]
    for each in floods:
        each.start()
    numbers = []
    for number in range(BAD_CLIENTS):
        streams.append(redis, {"sessionId": "one", "number": number}, PROGRESS, keep=10_000)
        bad_client(server, number)
        numbers.append(received(healthy.recv()))
    stop.set()
    for each in floods:
        each.join()
    assert numbers == list(range(BAD_CLIENTS))
    until(lambda: clients(server) == 1, "the others to leave")
    until(lambda: worker.num_fds() <= before, "their sockets to be closed")


def bad_client(server: ApiServer, number: int) -> None:
    """Run a client that sends something invalid or incomplete, and disconnects without a close frame."""
    sent = [data for data, _ in CLOSED.values()] + list(IGNORED.values())
    with raw_client(server.address) as client:
        shaken(client, PATHS[number % 2])
        data = sent[number % len(sent)]
        client.send(data if number % 3 else data[: len(data) // 2])


def flood(server: ApiServer, path: str, stop: threading.Event) -> None:
    """Run a client that sends and reads without end."""
    with raw_client(server.address) as client:
        shaken(client, path)
        while not stop.is_set():
            client.send(frame(TEXT, b"x" * 50) * 500 + frame(PING, END))
            for _ in client.frames_until(END):
                pass


def received(text: Any) -> int:
    return int(text.rpartition('"number":')[2].rstrip("}"))


def clients(server: ApiServer) -> float:
    """Return the number of WebSockets that the server counts."""
    lines = server.get("/metrics", {"X-API-Key": KEY}).text.splitlines()
    return sum(float(line.split()[1]) for line in lines if line.startswith("gait_websocket_clients{"))
