import socket
import sys
import time
from collections.abc import Iterator

import pytest

from testbed.waiting import until
from worker.ollama.timing import kernel_timestamps
from worker.ollama.timing.kernel_timestamps import EXTENDED_ERROR, SO_TIMESTAMPING, TIMESPEC, Ancillary

pytestmark = [pytest.mark.serial, pytest.mark.skipif("sys.platform != 'linux'", reason="SO_TIMESTAMPING is Linux's")]

IP_RECVERR = 11
Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    """Yield the two ends of a stamped connection. The kernel begins to stamp a moment after it was requested."""
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.create_connection(listener.getsockname()) as near:
        far, _ = listener.accept()
        with far:
            assert kernel_timestamps.enable(near)
            assert kernel_timestamps.enable(far)
            until(lambda: passed(far, near, b"x")[1], "the kernel to stamp")
            yield near, far


def passed(sender: socket.socket, receiver: socket.socket, data: bytes) -> tuple[bytes, int | None]:
    sender.sendall(data)
    return kernel_timestamps.receive(receiver, 100)


def test_a_departure_lies_between_the_call_and_the_arrival(pair: Pair) -> None:
    near, far = pair
    before = time.time_ns()
    assert kernel_timestamps.send(near, b"request") == 7
    data, arrived = kernel_timestamps.receive(far, 100)
    after = time.time_ns()
    departed = kernel_timestamps.departure(near, 6)
    assert data == b"request"
    assert departed
    assert arrived
    assert before <= departed <= arrived <= after


def test_the_departure_is_that_of_the_last_part(pair: Pair) -> None:
    near, far = pair
    kernel_timestamps.send(near, b"head")
    kernel_timestamps.receive(far, 100)
    between = time.time_ns()
    kernel_timestamps.send(near, b"body")
    kernel_timestamps.receive(far, 100)
    departed = kernel_timestamps.departure(near, 7)
    assert departed
    assert departed >= between
    assert kernel_timestamps.departure(near, 7) is None  # all stamps were taken


def test_only_the_last_byte_of_a_part_has_a_departure(pair: Pair) -> None:
    near, _ = pair
    kernel_timestamps.send(near, b"request")
    assert kernel_timestamps.departure(near, 3) is None


def test_an_unstamped_send_has_no_departure(pair: Pair) -> None:
    near, far = pair
    passed(near, far, b"request")
    assert kernel_timestamps.departure(near, 6) is None


class Repeating:
    """A socket with retransmissions: several time stamps of the same byte."""

    def __init__(self, *stamps: tuple[int, int]) -> None:
        self.stamps = list(stamps)

    def recvmsg(self, *_: int) -> tuple[bytes, Ancillary, int, None]:
        if not self.stamps:
            raise BlockingIOError
        byte, seconds = self.stamps.pop(0)
        stamp = (socket.SOL_SOCKET, SO_TIMESTAMPING, TIMESPEC.pack(seconds, 0) * 3)
        error = (socket.IPPROTO_IP, IP_RECVERR, EXTENDED_ERROR.pack(42, 4, 0, 0, 0, 0, byte))
        return b"", [stamp, error], 0, None


def test_the_first_time_stamp_of_a_retransmission_counts() -> None:
    sock = Repeating((3, 1), (9, 2), (3, 3), (9, 4))
    assert kernel_timestamps.departure(sock, 9) == 2_000_000_000  # type: ignore[arg-type]  # as far as it is used


def test_byte_numbers_wrap_after_four_gibibytes() -> None:
    assert kernel_timestamps.departure(Repeating((9, 2)), (1 << 32) + 9) == 2_000_000_000  # type: ignore[arg-type]  # as above


def test_other_systems_do_not_stamp(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "elsewhere")
    with socket.socket() as sock:
        assert not kernel_timestamps.enable(sock)


def test_a_kernel_without_time_stamps_is_not_an_error() -> None:
    sock = socket.socket()
    sock.close()
    assert not kernel_timestamps.enable(sock)
