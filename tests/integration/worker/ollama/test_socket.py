import contextlib
import fcntl
import select
import socket
import struct
import sys
import threading
import time
from collections.abc import Iterator
from itertools import pairwise

import pytest

from common.ollama.client import Ollama
from common.timeouts import Expired, Limit, TimeLimits
from testbed.ollama_double import OllamaDouble
from testbed.waiting import DEADLINE_S, until
from worker.ollama.client import Driver, Request
from worker.ollama.timing import socket as connection
from worker.ollama.timing.socket import CLIENT, KERNEL, Piece, StampedConnection, StampedSocket

pytestmark = pytest.mark.serial

HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
CHUNK = b"5\r\nword\n\r\n"
LAST = b"0\r\n\r\n"
Read = tuple[bytes, int]


class Counting(StampedSocket):
    """Counts the bytes that it has taken from the kernel."""

    taken = 0

    def receive(self) -> Piece:
        piece = super().receive()
        self.taken += len(piece.data)
        return piece


class Peers:
    """Our socket, and the server's end of its connection."""

    def __init__(self, opened: socket.socket, server: socket.socket) -> None:
        self.ours = Counting(opened, TimeLimits(first_byte_s=DEADLINE_S, silence_s=DEADLINE_S))
        self.server = server

    def limit(self, **limits: float) -> None:
        self.ours.countdown.limits = TimeLimits(**limits)

    def ask(self) -> None:
        self.ours.sendall(b"head")
        self.ours.sendall(b"body")
        assert self.server.recv(8, socket.MSG_WAITALL) == b"headbody"

    def tell(self, data: bytes) -> int:
        """Send, wait until our thread has taken it, and return when that began."""
        taken = self.ours.taken + len(data)
        before = time.time_ns()
        self.server.sendall(data)
        until(lambda: self.ours.taken == taken, "the answer to be taken")
        return before

    def cut(self) -> None:
        self.server.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.server.close()


@pytest.fixture
def peers() -> Iterator[Peers]:
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.create_connection(listener.getsockname()) as opened:
        server, _ = listener.accept()
        server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        peers = Peers(opened, server)
        with peers.ours, server:
            yield peers


def read(sock: StampedSocket, most: int = 1 << 16) -> bytes:
    buffer = bytearray(most)
    return bytes(buffer[: sock.recv_into(buffer)])


class Reader(threading.Thread):
    """Reads as often as it is told to; the failure, if any, ends it."""

    def __init__(self, sock: StampedSocket, times: int) -> None:
        super().__init__(daemon=True)
        self.sock, self.times = sock, times
        self.reads: list[Read] = []
        self.failure: OSError | None = None
        self.start()

    def run(self) -> None:
        try:
            for _ in range(self.times):
                data = read(self.sock)
                self.reads.append((data, self.sock.arrived_ns))
        except OSError as failure:
            self.failure = failure

    def done(self) -> list[bytes]:
        self.join(DEADLINE_S)
        assert not self.is_alive()
        return [data for data, _ in self.reads]


# Stamps


@pytest.mark.skipif("sys.platform != 'linux'", reason="the kernel stamps on Linux")
def test_a_request_is_stamped_when_its_last_part_leaves(peers: Peers) -> None:
    peers.ours.sendall(b"head")
    before = time.time_ns()
    peers.ours.sendall(b"body")
    by_clock, after = peers.ours.sent_ns, time.time_ns()
    peers.server.sendall(HEAD + LAST)
    read(peers.ours)
    assert before <= by_clock < peers.ours.sent_ns <= after
    assert peers.ours.sent_ns <= peers.ours.arrived_ns


def test_each_piece_keeps_its_own_stamp_however_late_it_is_handed_on(peers: Peers) -> None:
    peers.ask()
    reader = Reader(peers.ours, 5)
    sent = [peers.tell(data) for data in (HEAD, CHUNK, CHUNK, CHUNK, LAST)]
    assert reader.done() == [HEAD, CHUNK, CHUNK, CHUNK, LAST]
    stamps = [stamp for _, stamp in reader.reads]
    assert sorted([*sent, *stamps]) == [moment for both in zip(sent, stamps, strict=True) for moment in both]


@pytest.mark.parametrize("most", [1, 3, 7])
def test_the_parts_of_a_piece_share_its_stamp(peers: Peers, most: int) -> None:
    peers.ask()
    peers.server.sendall(HEAD + LAST)
    measured_points: list[Read] = []
    while b"".join(data for data, _ in measured_points) != HEAD + LAST:
        measured_points.append((read(peers.ours, most), peers.ours.arrived_ns))
    assert all(len(data) <= most for data, _ in measured_points)
    assert len({stamp for _, stamp in measured_points}) == 1


def test_where_the_kernel_does_not_stamp_the_clock_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "elsewhere")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        elsewhere = Peers(socket.create_connection(listener.getsockname()), listener.accept()[0])
    with elsewhere.ours, elsewhere.server:
        before = time.time_ns()
        elsewhere.ask()
        elsewhere.server.sendall(HEAD + LAST)
        assert read(elsewhere.ours) == HEAD + LAST
        assert before <= elsewhere.ours.sent_ns < elsewhere.ours.arrived_ns <= time.time_ns()
        assert elsewhere.ours.clock == CLIENT


def test_opening_a_connection_is_no_part_of_a_request(double: OllamaDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[tuple[StampedSocket, int]] = []
    connect = StampedConnection._new_conn

    def watched(self: StampedConnection) -> socket.socket:
        sock = connect(self)
        assert isinstance(sock, StampedSocket)
        opened.append((sock, time.time_ns()))
        return sock

    monkeypatch.setattr(StampedConnection, "_new_conn", watched)
    Driver(Ollama(double.url)).generate(Request("tiny:latest", "1 a prompt", 16, 512))
    [(sock, open_ns)] = opened
    assert sock.sent_ns >= open_ns


# Reading ahead


@pytest.mark.skipif("sys.platform != 'linux'", reason="TCP_CORK is Linux's")
def test_head_and_body_leave_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    sendall = StampedSocket.sendall
    before: list[bool] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        connection = StampedConnection(*listener.getsockname())
        connection.connect()
        server, _ = listener.accept()

        def watched(self: StampedSocket, data: bytes, flags: int = 0, /) -> None:
            before.append(bool(select.select([server], [], [], 0)[0]))
            sendall(self, data, flags)

        monkeypatch.setattr(StampedSocket, "sendall", watched)
        with server, contextlib.closing(connection):
            connection.request("POST", "/", body=b"the body")
            whole = server.recv(1 << 16)
    assert before == [False, False]  # nothing had left when the body was sent
    assert whole.startswith(b"POST / HTTP/1.1\r\n")
    assert whole.endswith(b"\r\n\r\nthe body")


def test_a_chunked_answer_is_handed_on_when_it_has_ended(peers: Peers) -> None:
    peers.ask()
    reader = Reader(peers.ours, 1)
    for data in (HEAD, CHUNK, CHUNK):
        peers.tell(data)
        assert not reader.reads
    peers.tell(LAST)
    assert reader.done() == [HEAD]
    assert [read(peers.ours) for _ in range(3)] == [CHUNK, CHUNK, LAST]


@pytest.mark.parametrize("end", [[b"0\r\n", b"\r\n"], [b"0\r\nTrailer: x\r\n\r", b"\n"], [CHUNK + LAST]])
def test_the_end_is_seen_however_it_is_cut(peers: Peers, end: list[bytes]) -> None:
    peers.ask()
    reader = Reader(peers.ours, 1)
    for data in (HEAD, *end):
        peers.tell(data)
    assert reader.done() == [HEAD]


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_an_answer_that_is_not_chunked_is_read_as_it_comes(peers: Peers, head: bytes) -> None:
    peers.ask()
    peers.server.sendall(head + b"Transfer-Encoding: chunked\r\n\r\nin")  # in its body it means nothing
    assert read(peers.ours).endswith(b"in")


def test_a_wrong_guess_at_the_end_does_no_harm(peers: Peers) -> None:
    peers.ask()
    reader = Reader(peers.ours, 4)
    pieces = [HEAD, b"6\r\nword\r\n\r\n", CHUNK, LAST]
    for data in pieces:
        peers.tell(data)
    assert reader.done() == pieces


def test_an_answer_without_end_is_handed_on_before_it_fills_the_memory(
    peers: Peers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "AHEAD_LIMIT", 3 * connection.PIECE_COST)
    peers.ask()
    reader = Reader(peers.ours, 1)
    for data in (HEAD, CHUNK, CHUNK):
        peers.tell(data)
    assert reader.done() == [HEAD]


def test_a_new_request_begins_without_what_is_left_of_the_last(peers: Peers) -> None:
    peers.ask()
    peers.server.sendall(HEAD + CHUNK + LAST)
    assert read(peers.ours, 4) == b"HTTP"
    peers.ask()
    peers.server.sendall(HEAD + LAST)
    assert read(peers.ours) == HEAD + LAST


# Failures


def test_silence_before_the_first_byte_is_a_time_out(peers: Peers) -> None:
    peers.limit(first_byte_s=0.01)
    peers.ask()
    with pytest.raises(Expired, match="FIRST_BYTE_TIMEOUT"):
        read(peers.ours)


def test_a_time_out_has_its_turn_after_what_came_before(peers: Peers) -> None:
    peers.limit(silence_s=0.01)
    peers.ask()
    peers.server.sendall(HEAD + CHUNK)
    assert read(peers.ours) == HEAD + CHUNK
    for _ in range(2):
        with pytest.raises(Expired, match="SILENCE_TIMEOUT"):
            read(peers.ours)


def test_a_peer_that_trickles_is_ended_by_the_whole(peers: Peers) -> None:
    peers.limit(silence_s=DEADLINE_S, total_s=0.3)
    peers.ask()
    reader = Reader(peers.ours, 100_000)
    peers.server.sendall(HEAD)
    with contextlib.suppress(OSError):
        while reader.is_alive():
            peers.server.sendall(CHUNK)
            reader.join(0.01)
    assert isinstance(reader.failure, Expired)
    assert (reader.failure.limit, reader.failure.seconds) == (Limit.TOTAL, 0.3)


def test_each_request_has_the_whole_of_its_time(peers: Peers) -> None:
    peers.limit(first_byte_s=0.01)
    for _ in range(2):
        peers.ask()
        with pytest.raises(Expired):
            read(peers.ours)
    peers.limit(first_byte_s=DEADLINE_S)
    peers.ask()
    peers.server.sendall(HEAD + LAST)
    assert read(peers.ours) == HEAD + LAST


def test_a_peer_that_reads_nothing_is_a_time_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ours = StampedSocket(socket.create_connection(listener.getsockname()), TimeLimits(connect_s=0.01))
        with ours, listener.accept()[0], pytest.raises(Expired, match="CONNECT_TIMEOUT"):
            ours.sendall(b"x" * (1 << 26))


def test_a_cut_connection_fails_after_what_came_before(peers: Peers) -> None:
    peers.ask()
    reader = Reader(peers.ours, 3)
    for data in (HEAD, CHUNK):
        peers.tell(data)
    peers.cut()
    assert reader.done() == [HEAD, CHUNK]
    assert isinstance(reader.failure, ConnectionResetError)


def test_a_peer_that_closes_ends_the_answer(peers: Peers) -> None:
    peers.ask()
    reader = Reader(peers.ours, 3)
    for data in (HEAD, CHUNK):
        peers.tell(data)
    peers.server.close()
    assert reader.done() == [HEAD, CHUNK, b""]


def test_closing_gives_the_descriptor_back(peers: Peers) -> None:
    descriptor = peers.ours.fileno()
    peers.ours.close()
    assert peers.ours.fileno() == -1
    with pytest.raises(OSError, match="Bad file descriptor"):
        fcntl.fcntl(descriptor, fcntl.F_GETFD)


# With urllib3


@pytest.mark.skipif("sys.platform != 'linux'", reason="the kernel stamps on Linux")
def test_generations_are_stamped_by_the_kernel_one_after_the_other(double: OllamaDouble) -> None:
    driver = Driver(Ollama(double.url))
    for number in range(3):
        found = driver.generate(Request("tiny:latest", f"{number} a prompt", 16, 512))
        assert found.clock == KERNEL
        assert all(before <= after for before, after in pairwise(found.content_ns))
