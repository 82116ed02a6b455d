"""Times one request and the pieces of its answer, on CLOCK_REALTIME, the only clock that the kernel stamps with."""

import time
from collections.abc import Iterable, Iterator

import requests

from worker.ollama.timing.socket import CLIENT, KERNEL, PIECE, StampedSocket


class Stopwatch:
    """Times one request. `clock` is by which clock its arrivals were stamped; `jump_ns` is by how much the system's
    time was set, beyond running on, while it lasted.
    """

    def __init__(self) -> None:
        self.clock = KERNEL
        self.sent_ns = time.time_ns()
        self._offset_ns = _offset_ns()

    def arrivals(self, answer: requests.Response) -> Iterator[tuple[int, bytes]]:
        """Each piece of the body, with the nanoseconds from when the request left to when the piece arrived.

        No more is read than the piece takes, so the last stamp of the socket is the piece's.
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
    """Each line that is not blank, without its end, with the stamp of the piece that made it whole."""
    stamp, rest = 0, b""
    for stamp, piece in arrivals:
        *whole, rest = (rest + piece).split(b"\n")
        yield from ((stamp, line) for line in whole if line.strip())
    if rest.strip():
        yield stamp, rest


def _offset_ns() -> int:
    """How far the system's time is ahead of the clock that cannot be set, by the quickest of three looks."""
    return min(map(_look, range(3)))[1]


def _look(_: int) -> tuple[int, int]:
    before, real, after = time.monotonic_ns(), time.time_ns(), time.monotonic_ns()
    return after - before, real - before
