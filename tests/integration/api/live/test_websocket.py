"""Whole frames, on a fake socket that takes a set number of bytes and through real gunicorn to a slow client."""

import json
import random
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import gevent.socket
import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis import Redis

from api.live.progress import ProgressSubscriber
from api.live.readings import ReadingsSubscriber
from api.live.subscriber import WebSocketClient
from api.live.websocket.hub import QUEUE_LENGTH, Hub, Message
from api.live.websocket.socket import SafeSocket, Unread, frame
from testbed.frames import MASKED, PING, PONG, TEXT, Frames
from testbed.servers.api_server import ApiServer
from tests.integration.api.conftest import KEY
from tests.integration.api.live.test_progress import publish

SIZES = (0, 1, 124, 125, 126, 127, 3000, 4096, 65_534, 65_535, 65_536, 200_000)
REQUEST = (
    "GET /ws/test-progress HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    f"X-API-Key: {KEY}\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


class Sluggish:
    """A socket that takes these numbers of bytes, one per call, and everything after the list's end."""

    def __init__(self, takes: list[int]) -> None:
        self.takes = takes
        self.taken = b""

    def send(self, data: bytes, _flags: int, _timeout: float) -> int:
        takes = self.takes.pop(0) if self.takes else len(data)
        if not takes:
            raise BlockingIOError
        self.taken += data[:takes]
        return min(takes, len(data))


@given(st.lists(st.sampled_from(SIZES), max_size=8), st.lists(st.integers(0, 70_000), max_size=30), st.data())
def test_frames_are_sent_whole_and_in_order_on_any_socket(
    sizes: list[int], takes: list[int], data: st.DataObject
) -> None:
    sock, pings = Sluggish(takes), 0
    line, frames = SafeSocket(sock), iter([frame("x" * size) for size in sizes])
    while not line.send_available(lambda: next(frames, None)):
        if data.draw(st.booleans()):
            line._urgent.append(bytes([PING, 0]))
            pings += 1
    received = list(Frames().feed(sock.taken))
    assert [len(content) for kind, content in received if kind == TEXT] == sizes
    assert sum(kind == PING for kind, _ in received) == pings


def test_a_peer_that_reads_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = socket.socketpair()
    with theirs, gevent.socket.socket(fileno=ours.detach()) as sock:
        line = SafeSocket(sock)
        while line.send_available(lambda: frame("x" * 100_000)):
            pass
        monkeypatch.setattr("api.live.websocket.socket.UNREAD_S", 0)
        with pytest.raises(Unread):
            line.send(b"more")
        monkeypatch.undo()
        theirs.recv(1_000_000)
        assert not line.send_available(lambda: frame("x" * 100_000))


def test_send_waits_until_everything_is_sent() -> None:
    large, received = frame("x" * 5_000_000), Frames()
    got: list[tuple[int, int]] = []

    def read() -> None:
        while data := theirs.recv(100_000):
            got.extend((kind, len(content)) for kind, content in received.feed(data))

    ours, theirs = socket.socketpair()
    with theirs:
        with gevent.socket.socket(fileno=ours.detach()) as sock:
            line = SafeSocket(sock)
            assert not line.send_available(lambda: large)
            reading = threading.Thread(target=read)
            reading.start()
            line.send(bytes([PING, 0]))
            assert line.send_available(lambda: None)
        reading.join(20)
    assert got == [(TEXT, 5_000_000), (PING, 0)]


@contextmanager
def client_of(subscriber: ProgressSubscriber | ReadingsSubscriber) -> Iterator[socket.socket]:
    """Yield the other end of a live client without a handler, so that only the hub sends."""
    ours, theirs = socket.socketpair()
    with theirs, gevent.socket.socket(fileno=ours.detach()) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)
        WebSocketClient(SimpleNamespace(sock=SafeSocket(sock), connected=True), subscriber)
        list(subscriber.backlog())
        theirs.settimeout(0)
        yield theirs


def arrived(sock: socket.socket) -> list[int]:
    """Return the numbers of the received messages."""
    data = b""
    while True:
        try:
            data += sock.recv(65_536)
        except BlockingIOError:
            return [json.loads(content)["seq"] for _, content in Frames().feed(data)]


def message(seq: int, size: int = 0) -> Message:
    return Message(seq, {"seq": seq, "host": "local", "sessionId": "one", "filling": "x" * size})


def test_the_hub_leaves_the_rest_of_full_sockets_to_handlers(redis: Redis) -> None:
    hub = Hub(redis, [])
    reader, stalled = ReadingsSubscriber(redis, ["local"], None), ReadingsSubscriber(redis, ["local"], None)
    with client_of(reader) as read, client_of(stalled) as unread:
        hub._subscribers |= {reader, stalled}
        for seq in range(1, 2 * QUEUE_LENGTH + 1):
            hub._distribute(message(seq, 1000))
            assert arrived(read) == [seq]
        assert not reader.wake.is_set()
        assert stalled.wake.is_set()
        assert len(stalled._queue) == QUEUE_LENGTH
        took = arrived(unread)
    assert took == list(range(1, len(took) + 1))
    assert len(took) < QUEUE_LENGTH


def test_a_client_that_is_behind_gets_the_stream_first(redis: Redis) -> None:
    hub, subscriber = Hub(redis, []), ProgressSubscriber(redis, None, 0)
    with client_of(subscriber) as reads:
        hub._subscribers.add(subscriber)
        hub._distribute(message(1))
        subscriber.on_subscribed()
        hub._distribute(message(2))
        assert arrived(reads) == [1]
        assert subscriber.wake.is_set()


def test_a_message_is_encoded_once_for_all_clients() -> None:
    one = message(1)
    assert one.frame is one.frame
    assert list(Frames().feed(one.frame)) == [(TEXT, json.dumps(one.body, separators=(",", ":")).encode())]


def test_a_client_that_reads_in_small_parts_gets_every_frame(server: ApiServer, redis: Redis) -> None:
    """The frames are up to three times the socket's buffer, and another thread of the server writes pongs."""
    chance = random.Random(7)
    sizes = [chance.choice(SIZES) for _ in range(80)]
    host, port = server.address.split(":")
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        sock.settimeout(20)
        sock.connect((host, int(port)))
        sock.sendall(REQUEST.encode())
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += sock.recv(1)
        published = [seq for size in sizes for seq in publish(redis, 1, size=size)]
        received: list[dict[str, Any]] = []
        frames, pongs, pings = Frames(), 0, 0
        while len(received) < len(published) or pongs < pings:
            if len(received) < len(published) and chance.random() < 0.01:
                sock.sendall(bytes([PING]) + MASKED)
                pings += 1
            for kind, content in frames.feed(sock.recv(chance.choice((1, 2, 3, 7, 500, 1499, 5000)))):
                pongs += kind == PONG
                received += [json.loads(content)] if kind == TEXT else []
    assert pings > 0
    assert [one["seq"] for one in received] == published
    assert [len(one.get("metrics", {"filling": ""})["filling"]) for one in received] == sizes
