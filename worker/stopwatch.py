"""Time stamps of a request and of its streamed answer.

On Linux, over plain TCP, the kernel stamps what arrives (SO_TIMESTAMPNS, socket(7)), so that an arrival is not moved by
an interpreter that was busy just then. Elsewhere, and under TLS, the clock is read at the socket. Both are on
CLOCK_REALTIME, the only clock that the kernel stamps with, in nanoseconds.
"""

import socket
import struct
import sys
import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection

from common.units import NS_PER_S

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

SO_TIMESTAMPNS = 35
"""asm-generic/socket.h; Python has no name for it."""
TIMESPEC = struct.Struct("@ll")

KERNEL, CLIENT = "kernel", "client"


class StampedSocket(socket.socket):
    """A TCP socket that notes when the last request left and when the last bytes arrived, and by which clock."""

    sent_ns = 0
    arrived_ns = 0
    clock = CLIENT

    @classmethod
    def taking(cls, opened: socket.socket) -> "StampedSocket":
        """The socket that urllib3 opened, from here on as one of ours."""
        timeout = opened.gettimeout()
        stamped = cls(opened.family, opened.type, opened.proto, fileno=opened.detach())
        stamped.settimeout(timeout)
        stamped.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        return stamped

    def sendall(self, data: "ReadableBuffer", flags: int = 0, /) -> None:
        """The stamp is taken before the call: after it, another thread may hold the interpreter for milliseconds."""
        self.sent_ns = time.time_ns()
        super().sendall(data, flags)

    def recv_into(self, buffer: "WriteableBuffer", nbytes: int = 0, flags: int = 0) -> int:
        """Pieces that are read together carry the stamp of the last of them."""
        view = memoryview(buffer)[: nbytes or None]
        count, ancillary, _, _ = self.recvmsg_into([view], socket.CMSG_SPACE(TIMESPEC.size), flags)
        self.arrived_ns, self.clock = time.time_ns(), CLIENT
        for level, kind, data in ancillary:
            if (level, kind) == (socket.SOL_SOCKET, SO_TIMESTAMPNS):
                seconds, nanoseconds = TIMESPEC.unpack(data)
                self.arrived_ns, self.clock = seconds * NS_PER_S + nanoseconds, KERNEL
        return count


class StampedConnection(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return StampedSocket.taking(super()._new_conn())


class StampedPool(HTTPConnectionPool):
    ConnectionCls = StampedConnection


class StampingAdapter(HTTPAdapter):
    """The transport of a requests.Session whose plain connections stamp, where the system can."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - passed on
        self.poolmanager = PoolManager(*args, **kwargs)
        if sys.platform == "linux":
            self.poolmanager.pool_classes_by_scheme = {"http": StampedPool, "https": HTTPSConnectionPool}


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
            yield from ((time.time_ns() - self.sent_ns, piece) for piece in answer.iter_content(chunk_size=None))
            return
        self.sent_ns = sock.sent_ns
        for piece in answer.iter_content(chunk_size=None):
            if sock.clock is CLIENT:
                self.clock = CLIENT
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
