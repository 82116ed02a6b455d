"""A socket whose peer is silent, trickles, cuts or closes the connection."""

import contextlib
import fcntl
import socket

import pytest

from common.environment.timeouts import Expired, Limit, TimeLimits
from testbed.waiting import DEADLINE_S
from tests.integration.worker.ollama.peers import CHUNK, HEAD, LAST, Peers, Reader, read
from worker.ollama.timing.socket import StampedSocket

pytestmark = pytest.mark.serial


def test_silence_before_the_first_byte_is_a_time_out(peers: Peers) -> None:
    peers.limit(first_byte_s=0.01)
    peers.ask()
    with pytest.raises(Expired, match="FIRST_BYTE_TIMEOUT"):
        read(peers.ours)


def test_a_time_out_is_raised_after_the_data_before_it(peers: Peers) -> None:
    peers.limit(silence_s=0.01)
    peers.ask()
    peers.server.sendall(HEAD + CHUNK)
    assert read(peers.ours) == HEAD + CHUNK
    for _ in range(2):
        with pytest.raises(Expired, match="SILENCE_TIMEOUT"):
            read(peers.ours)


def test_a_trickling_peer_exceeds_the_total_time(peers: Peers) -> None:
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


def test_each_request_has_its_full_time(peers: Peers) -> None:
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


def test_a_cut_connection_fails_after_the_data_before_it(peers: Peers) -> None:
    peers.ask()
    reader = Reader(peers.ours, 3)
    for data in (HEAD, CHUNK):
        peers.log_verdict(data)
    peers.cut()
    assert reader.done() == [HEAD, CHUNK]
    assert isinstance(reader.failure, ConnectionResetError)


def test_a_peer_that_closes_ends_the_answer(peers: Peers) -> None:
    peers.ask()
    reader = Reader(peers.ours, 3)
    for data in (HEAD, CHUNK):
        peers.log_verdict(data)
    peers.server.close()
    assert reader.done() == [HEAD, CHUNK, b""]


def test_closing_releases_the_descriptor(peers: Peers) -> None:
    descriptor = peers.ours.fileno()
    peers.ours.close()
    assert peers.ours.fileno() == -1
    with pytest.raises(OSError, match="Bad file descriptor"):
        fcntl.fcntl(descriptor, fcntl.F_GETFD)
