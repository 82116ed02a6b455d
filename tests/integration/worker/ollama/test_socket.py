"""Time stamps of a socket, and its reading ahead."""

import contextlib
import select
import socket
import sys
import time
from itertools import pairwise

import pytest

from common.ollama.client import Ollama
from testbed.ollama_double import OllamaDouble
from tests.integration.worker.ollama.peers import CHUNK, HEAD, LAST, Peers, Read, Reader, read
from worker.ollama.client import Driver, Request
from worker.ollama.timing import socket as connection
from worker.ollama.timing.socket import CLIENT, KERNEL, StampedConnection, StampedSocket

pytestmark = pytest.mark.serial


# Stamps


@pytest.mark.skipif("sys.platform != 'linux'", reason="the kernel stamps on Linux")
def test_a_request_has_the_time_stamp_of_its_last_part(peers: Peers) -> None:
    peers.ours.sendall(b"head")
    before = time.time_ns()
    peers.ours.sendall(b"body")
    by_clock, after = peers.ours.sent_ns, time.time_ns()
    peers.server.sendall(HEAD + LAST)
    read(peers.ours)
    assert before <= by_clock < peers.ours.sent_ns <= after
    assert peers.ours.sent_ns <= peers.ours.arrived_ns


def test_each_piece_keeps_its_time_stamp_until_it_is_read(peers: Peers) -> None:
    peers.ask()
    reader = Reader(peers.ours, 5)
    sent = [peers.log_verdict(data) for data in (HEAD, CHUNK, CHUNK, CHUNK, LAST)]
    assert reader.done() == [HEAD, CHUNK, CHUNK, CHUNK, LAST]
    stamps = [stamp for _, stamp in reader.reads]
    assert sorted([*sent, *stamps]) == [moment for both in zip(sent, stamps, strict=True) for moment in both]


@pytest.mark.parametrize("most", [1, 3, 7])
def test_the_parts_of_a_piece_share_its_time_stamp(peers: Peers, most: int) -> None:
    peers.ask()
    peers.server.sendall(HEAD + LAST)
    measured_points: list[Read] = []
    while b"".join(data for data, _ in measured_points) != HEAD + LAST:
        measured_points.append((read(peers.ours, most), peers.ours.arrived_ns))
    assert all(len(data) <= most for data, _ in measured_points)
    assert len({stamp for _, stamp in measured_points}) == 1


def test_the_clock_is_read_if_the_kernel_does_not_stamp(monkeypatch: pytest.MonkeyPatch) -> None:
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


def test_opening_a_connection_is_not_part_of_a_request(double: OllamaDouble, monkeypatch: pytest.MonkeyPatch) -> None:
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
def test_head_and_body_leave_in_one_segment(monkeypatch: pytest.MonkeyPatch) -> None:
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


def test_a_chunked_answer_is_passed_on_when_it_has_ended(peers: Peers) -> None:
    peers.ask()
    reader = Reader(peers.ours, 1)
    for data in (HEAD, CHUNK, CHUNK):
        peers.log_verdict(data)
        assert not reader.reads
    peers.log_verdict(LAST)
    assert reader.done() == [HEAD]
    assert [read(peers.ours) for _ in range(3)] == [CHUNK, CHUNK, LAST]


@pytest.mark.parametrize("end", [[b"0\r\n", b"\r\n"], [b"0\r\nTrailer: x\r\n\r", b"\n"], [CHUNK + LAST]])
def test_the_end_is_detected_in_any_pieces(peers: Peers, end: list[bytes]) -> None:
    peers.ask()
    reader = Reader(peers.ours, 1)
    for data in (HEAD, *end):
        peers.log_verdict(data)
    assert reader.done() == [HEAD]


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_an_answer_without_chunks_is_read_as_it_arrives(peers: Peers, head: bytes) -> None:
    peers.ask()
    peers.server.sendall(head + b"Transfer-Encoding: chunked\r\n\r\nin")  # in its body it means nothing
    assert read(peers.ours).endswith(b"in")


def test_a_wrong_guess_of_the_end_loses_nothing(peers: Peers) -> None:
    peers.ask()
    reader = Reader(peers.ours, 4)
    pieces = [HEAD, b"6\r\nword\r\n\r\n", CHUNK, LAST]
    for data in pieces:
        peers.log_verdict(data)
    assert reader.done() == pieces


def test_an_endless_answer_is_passed_on_before_it_fills_the_memory(
    peers: Peers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "AHEAD_LIMIT", 3 * connection.PIECE_COST)
    peers.ask()
    reader = Reader(peers.ours, 1)
    for data in (HEAD, CHUNK, CHUNK):
        peers.log_verdict(data)
    assert reader.done() == [HEAD]


def test_a_new_request_discards_the_rest_of_the_last(peers: Peers) -> None:
    peers.ask()
    peers.server.sendall(HEAD + CHUNK + LAST)
    assert read(peers.ours, 4) == b"HTTP"
    peers.ask()
    peers.server.sendall(HEAD + LAST)
    assert read(peers.ours) == HEAD + LAST


# With urllib3


@pytest.mark.skipif("sys.platform != 'linux'", reason="the kernel stamps on Linux")
def test_generations_are_stamped_by_the_kernel_one_after_the_other(double: OllamaDouble) -> None:
    driver = Driver(Ollama(double.url))
    for number in range(3):
        found = driver.generate(Request("tiny:latest", f"{number} a prompt", 16, 512))
        assert found.clock == KERNEL
        assert all(before <= after for before, after in pairwise(found.content_ns))
