"""Connections that record when a request left and when each piece of its answer arrived.

On Linux the kernel stamps both, so that a busy interpreter does not shift them. Elsewhere the clock is read at the
socket. TLS connections are not stamped.
"""

import socket
import struct
import time
from collections import deque
from contextlib import suppress
from math import ceil
from typing import TYPE_CHECKING, Any, NamedTuple

from urllib3 import HTTPConnectionPool
from urllib3.connection import HTTPConnection

from common.environment.timeouts import Countdown, Expired, Limit, TimeLimits
from common.ollama.transport import TimedAdapter, connectable
from worker.ollama.timing import kernel_timestamps
from worker.ollama.timing.stream_lock import STREAM_LOCK

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

KERNEL, CLIENT = "kernel", "client"

PIECE = 1 << 16
AHEAD_LIMIT = 1 << 24
"""Maximum number of bytes read ahead, so that an endless answer does not fill the memory; some 40 000 tokens."""
PIECE_COST = 200
"""Overhead of a piece in bytes."""
END = b"\r\n\r\n"
"""The end of a head, and of a chunked body with or without trailers; hardly of anything else."""
CHUNKED = b"\r\ntransfer-encoding: chunked\r\n"
MICROSECONDS = 1_000_000


class Piece(NamedTuple):
    """Data of one read, empty if the peer has closed, with the arrival of its last byte (ns) and the clock used."""

    data: bytes
    arrived_ns: int
    clock: str


class StampedSocket(socket.socket):
    """A TCP socket that records when the last request left, when the last read data arrived, and by which clock.

    The kernel joins unread pieces and keeps the time stamp of the last. Therefore a chunked answer is read ahead until
    it seems to have ended, and handed on only then. A thread then needs the interpreter for some microseconds per
    piece, and no work on one piece delays the next. A wrong guess at the end is harmless: later data is read on demand.
    """

    sent_ns = 0
    arrived_ns = 0
    clock = CLIENT

    def __init__(self, opened: socket.socket, limits: TimeLimits | None = None) -> None:
        """Take over an open connection."""
        super().__init__(opened.family, opened.type, opened.proto, fileno=opened.detach())
        self.countdown = Countdown(limits or TimeLimits())
        self.settimeout(None)
        self._wait(socket.SO_SNDTIMEO, self.countdown.limits.connect_s)
        self._waits_s = 0.0
        self._by_kernel = kernel_timestamps.enable(self)
        self._backlog: deque[Piece] = deque()
        self._failure: OSError | None = None
        self._bytes_sent = 0
        self._unanswered = False
        self._chunked = False
        self._tail = b""

    def settimeout(self, _: float | None, /) -> None:
        """Ignore the time-out: the kernel enforces the limits.

        Python's own would poll before each call, and a time stamp in the error queue makes each poll return at once.
        """
        super().settimeout(None)

    def _wait(self, option: int, seconds: float) -> None:
        timeval = struct.pack("@ll", *divmod(max(1, ceil(seconds * MICROSECONDS)), MICROSECONDS))
        self.setsockopt(socket.SOL_SOCKET, option, timeval)

    def sendall(self, data: "ReadableBuffer", _flags: int = 0, /) -> None:
        """Send a request or a part of one. The clock is read first, in case the kernel gives no time stamp."""
        self._backlog.clear()
        self._failure, self._tail, self._unanswered = None, b"", True
        self.countdown.start()
        self.sent_ns = time.time_ns()
        rest = memoryview(data).cast("B")
        try:
            while rest:
                count = kernel_timestamps.send(self, rest) if self._by_kernel else self.send(rest)
                rest, self._bytes_sent = rest[count:], self._bytes_sent + count
        except BlockingIOError as error:
            raise Expired(Limit.CONNECT, self.countdown.limits.connect_s) from error

    def recv_into(self, buffer: "WriteableBuffer", nbytes: int = 0, flags: int = 0) -> int:  # noqa: ARG002 - none comes
        """Read from one piece at most, so that its time stamp holds for all returned bytes."""
        if not self._backlog:
            with STREAM_LOCK.released():
                self._fill()
        view = memoryview(buffer)[: nbytes or None]
        data, self.arrived_ns, self.clock = self._backlog.popleft()
        count = min(len(view), len(data))
        view[:count] = data[:count]
        if count < len(data):
            self._backlog.appendleft(Piece(data[count:], self.arrived_ns, self.clock))
        return count

    def receive(self) -> Piece:
        """Return the next piece from the kernel.

        Raises:
            Expired: if a time limit is exceeded.
            OSError: as sockets do.
        """
        remaining_s = self.countdown.remaining_s()
        if remaining_s != self._waits_s:
            self._wait(socket.SO_RCVTIMEO, remaining_s)
            self._waits_s = remaining_s
        try:
            data, stamp = kernel_timestamps.receive(self, PIECE)
        except BlockingIOError as error:
            raise self.countdown.expired() from error
        self.countdown.receive()
        return Piece(data, time.time_ns(), CLIENT) if stamp is None else Piece(data, stamp, KERNEL)

    def _fill(self) -> None:
        """Put at least one piece into the backlog. A failure is raised after all data before it was handed on."""
        if self._failure is not None:
            raise self._failure
        size = self._take()
        try:
            while self._chunked and size < AHEAD_LIMIT and not self._seems_ended():
                size += self._take()
        except OSError as failure:
            self._failure = failure

    def _take(self) -> int:
        """Put the next piece into the backlog. Return the memory that it takes, in bytes."""
        piece = self.receive()
        self._backlog.append(piece)
        body = self._begin(piece.data) if self._unanswered else piece.data
        self._tail = (self._tail + body[-len(END) :])[-len(END) :]
        return PIECE_COST + len(piece.data)

    def _begin(self, data: bytes) -> bytes:
        """Return the body's part of an answer's first piece, which in practice holds the whole head.

        By now the request's time stamp is available too.
        """
        self._unanswered = False
        head, _, body = data.partition(END)
        self._chunked = CHUNKED in head.lower() + END
        if self._by_kernel:
            self.sent_ns = kernel_timestamps.departure(self, self._bytes_sent - 1) or self.sent_ns
        return body

    def _seems_ended(self) -> bool:
        return self._tail == END or not self._backlog[-1].data


class StampedConnection(HTTPConnection):
    def __init__(
        self,
        host: str,
        *args: Any,  # noqa: ANN401 - passed on
        limits: TimeLimits | None = None,
        **options: Any,  # noqa: ANN401 - passed on
    ) -> None:
        super().__init__(connectable(host), *args, **options)
        self._limits = limits

    def _new_conn(self) -> socket.socket:
        with STREAM_LOCK.released():
            opened = super()._new_conn()
        return StampedSocket(opened, self._limits)

    def request(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - passed on
        """Send head and body in one segment.

        The server's clock starts with the head, and between two calls this thread may lose the processor.
        """
        if self.sock is None:
            self.connect()
        self._cork(1)
        try:
            super().request(*args, **options)
        finally:
            self._cork(0)

    def _cork(self, held: int) -> None:
        """Hold back partial segments (tcp(7)). No-op on other systems, or if the connection is closed."""
        if hasattr(socket, "TCP_CORK") and self.sock is not None:
            with suppress(OSError):
                self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, held)


class StampedPool(HTTPConnectionPool):
    ConnectionCls = StampedConnection


class StampingAdapter(TimedAdapter):
    """The transport of a requests.Session that stamps its plain connections."""

    plain = StampedPool
