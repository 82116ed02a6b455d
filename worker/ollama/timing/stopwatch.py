"""Timing of one request and the pieces of its answer, on CLOCK_REALTIME, the clock of the kernel's time stamps."""

import time
from collections.abc import Iterable, Iterator

import requests

from worker.ollama.timing.socket import CLIENT, KERNEL, PIECE, StampedSocket


class Stopwatch:
    """The timing of one request.

    `clock` names the clock of its time stamps. `jump_ns` is how far the system time was set or
    slewed during the request.
    """

    def __init__(self) -> None:
        self.clock = KERNEL
        self.sent_ns = time.time_ns()
        self._offset_ns = _offset_ns()

    def arrivals(self, answer: requests.Response) -> Iterator[tuple[int, bytes]]:
        """Yield each piece of the body with its arrival, in nanoseconds after the request left.

        Each read takes one piece, so that the socket's last time stamp is that of the piece.
        """
        connection = getattr(answer.raw, "connection", None)
        sock = getattr(connection, "sock", None)
        if not isinstance(sock, StampedSocket):
            self.clock = CLIENT
            yield from ((time.time_ns() - self.sent_ns, piece) for piece in answer.iter_content(PIECE))
            return
        for piece in answer.iter_content(PIECE):
            if sock.clock is CLIENT:
                self.clock = CLIENT
            self.sent_ns = sock.sent_ns
            yield sock.arrived_ns - self.sent_ns, piece

    @property
    def jump_ns(self) -> int:
        return _offset_ns() - self._offset_ns


def lines(arrivals: Iterable[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
    """Yield each line that is not blank, with the time stamp of the piece that completed it."""
    stamp, rest = 0, b""
    for stamp, piece in arrivals:
        *whole, rest = (rest + piece).split(b"\n")
        yield from ((stamp, line) for line in whole if line.strip())
    if rest.strip():
        yield stamp, rest


def _offset_ns() -> int:
    """Return how far the system time is ahead of the hardware's clock, by the quickest of three comparisons.

    Time synchronisation sets or slews CLOCK_REALTIME and slews CLOCK_MONOTONIC, but not CLOCK_MONOTONIC_RAW.
    """
    return min(map(_compare_clocks, range(3)))[1]


def _compare_clocks(_: int) -> tuple[int, int]:
    before, real, after = _raw_ns(), time.time_ns(), _raw_ns()
    return after - before, real - before


def _raw_ns() -> int:
    return time.clock_gettime_ns(time.CLOCK_MONOTONIC_RAW)
