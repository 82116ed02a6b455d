"""Connections whose sockets know when a request left and when each piece of its answer arrived.

On Linux by the kernel's stamps, so that neither is moved by an interpreter that was busy just then, elsewhere by the
clock at the socket. Under TLS nothing is stamped.
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

from common.ollama.transport import TimedAdapter
from common.timeouts import Countdown, Expired, Limit, TimeLimits
from worker.ollama.timing import kernel_timestamps
from worker.ollama.timing.stream_lock import TURN

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

KERNEL, CLIENT = "kernel", "client"

PIECE = 1 << 16
AHEAD_LIMIT = 1 << 24
"""Bytes that are read ahead at most, so that an endless answer does not fill the memory; some 40 000 tokens."""
PIECE_COST = 200
"""Bytes that a piece takes beside its own."""
END = b"\r\n\r\n"
"""Of a head, and of a chunked body with trailers or without; hardly of anything else."""
CHUNKED = b"\r\ntransfer-encoding: chunked\r\n"
MICROSECONDS = 1_000_000


class Piece(NamedTuple):
    """What one read gave, empty where the peer has closed, and when the last of it arrived (ns), by which clock."""

    data: bytes
    arrived_ns: int
    clock: str


class StampedSocket(socket.socket):
    """A TCP socket that notes when the last request left, and when what was read last arrived, and by which clock.

    Where pieces lie in the kernel unread, it joins them and keeps the stamp of the last. So a chunked answer is read
    ahead: all that comes is taken until the answer seems to have ended, and handed on only then. A thread then needs
    the interpreter for some microseconds a piece, and no work on one lets the next ones lie. A wrong guess at the end
    does no harm: what comes after it is read when it is asked for.
    """

    sent_ns = 0
    arrived_ns = 0
    clock = CLIENT

    def __init__(self, opened: socket.socket, limits: TimeLimits | None = None) -> None:
        """Takes a connection over."""
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
        """Never Python's, which would poll before each call, and a stamp that lies in the error queue makes a poll
        return at once, again and again. The kernel keeps the limits.
        """
        super().settimeout(None)

    def _wait(self, option: int, seconds: float) -> None:
        timeval = struct.pack("@ll", *divmod(max(1, ceil(seconds * MICROSECONDS)), MICROSECONDS))
        self.setsockopt(socket.SOL_SOCKET, option, timeval)

    def sendall(self, data: "ReadableBuffer", _flags: int = 0, /) -> None:
        """A request, or a part of one. The clock is read before, for where the kernel gives no stamp."""
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
        """Never of more than one piece, so that the stamp is that of all that is returned."""
        if not self._backlog:
            with TURN.given_up():
                self._fill()
        view = memoryview(buffer)[: nbytes or None]
        data, self.arrived_ns, self.clock = self._backlog.popleft()
        count = min(len(view), len(data))
        view[:count] = data[:count]
        if count < len(data):
            self._backlog.appendleft(Piece(data[count:], self.arrived_ns, self.clock))
        return count

    def receive(self) -> Piece:
        """The next piece from the kernel. Raises Expired, and other OSErrors, as sockets do."""
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
        """Put at least one piece into the backlog. A failure is kept until what came before it has been handed on."""
        if self._failure is not None:
            raise self._failure
        size = self._take()
        try:
            while self._chunked and size < AHEAD_LIMIT and not self._seems_ended():
                size += self._take()
        except OSError as failure:
            self._failure = failure

    def _take(self) -> int:
        """Put the next piece into the backlog; returns the bytes that it takes there."""
        piece = self.receive()
        self._backlog.append(piece)
        body = self._begin(piece.data) if self._unanswered else piece.data
        self._tail = (self._tail + body[-len(END) :])[-len(END) :]
        return PIECE_COST + len(piece.data)

    def _begin(self, data: bytes) -> bytes:
        """What an answer's first piece, which in practice holds its head, has of its body. The stamp of its request is
        there too by now.
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
    def __init__(self, *args: Any, limits: TimeLimits | None = None, **options: Any) -> None:  # noqa: ANN401 - passed on
        super().__init__(*args, **options)
        self._limits = limits

    def _new_conn(self) -> socket.socket:
        with TURN.given_up():
            opened = super()._new_conn()
        return StampedSocket(opened, self._limits)

    def request(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - passed on
        """Head and body leave as one: a server's clock runs from the head on, and between two calls that send, this
        thread may lose the processor.
        """
        if self.sock is None:
            self.connect()
        self._cork(1)
        try:
            super().request(*args, **options)
        finally:
            self._cork(0)

    def _cork(self, held: int) -> None:
        """Hold back what does not fill a segment (tcp(7)); nothing on other systems, or once the connection is gone."""
        if hasattr(socket, "TCP_CORK") and self.sock is not None:
            with suppress(OSError):
                self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, held)


class StampedPool(HTTPConnectionPool):
    ConnectionCls = StampedConnection


class StampingAdapter(TimedAdapter):
    """The transport of a requests.Session whose plain connections are stamped."""

    plain = StampedPool
