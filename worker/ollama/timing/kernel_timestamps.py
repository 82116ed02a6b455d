"""When the kernel saw bytes go and come: SO_TIMESTAMPING (Linux, Documentation/networking/timestamping.rst).

Stamps are on CLOCK_REALTIME, in nanoseconds; None where the kernel gives none. That of an arrival comes with the bytes.
That of a departure is read from the socket's error queue, where each part that was sent leaves the stamp of its last
byte: over the loopback at once, else when the network card takes it, and always before there is an answer to it.
"""

import socket
import struct
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

from common.units import NS_PER_S

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

# Python has no names for these: asm-generic/socket.h, linux/net_tstamp.h, linux/errqueue.h.
SO_TIMESTAMPING = 37
OF_SENT, OF_RECEIVED, BY_SOFTWARE, WITH_ID, WITHOUT_BYTES = 1 << 1, 1 << 3, 1 << 4, 1 << 7, 1 << 11
FLAGS = struct.Struct("@I")
TIMESPEC = struct.Struct("@ll")
EXTENDED_ERROR = struct.Struct("@IBBBBII")

ARRIVALS = FLAGS.pack(OF_RECEIVED | BY_SOFTWARE | WITH_ID | WITHOUT_BYTES)
DEPARTURE = [(socket.SOL_SOCKET, SO_TIMESTAMPING, FLAGS.pack(OF_SENT))]
SPACE = socket.CMSG_SPACE(3 * TIMESPEC.size)
"""The kernel gives three, of which the first is by software."""
ERROR_SPACE = SPACE + socket.CMSG_SPACE(64)
IDS = 1 << 32

Ancillary = Iterable[tuple[int, int, bytes]]


def enable(sock: socket.socket) -> bool:
    """Whether the kernel stamps all that arrives from now on, and what `send` sends."""
    if sys.platform != "linux":
        return False
    try:
        sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPING, ARRIVALS)
    except OSError:  # a kernel that only looks like Linux, as gVisor
        return False
    return True


def receive(sock: socket.socket, most: int) -> tuple[bytes, int | None]:
    """What is there of so many bytes, and when the last of it arrived: the kernel joins what lies unread, and keeps the
    latest stamp of it.
    """
    data, ancillary, _, _ = sock.recvmsg(most, SPACE)
    return data, _stamp(ancillary)


def send(sock: socket.socket, data: "ReadableBuffer") -> int:
    """How many bytes went; the departure of the last one will be stamped."""
    return sock.sendmsg([data], DEPARTURE)


def departure(sock: socket.socket, byte: int) -> int | None:
    """When that byte left, counted from the connection's first, if it was the last of a part. Takes all stamps.

    A part that was sent again, as TCP does where the peer is slow, is stamped again: its first stamp counts.
    """
    stamps: dict[int | None, int | None] = {}
    with suppress(BlockingIOError):
        while True:
            _, ancillary, _, _ = sock.recvmsg(0, ERROR_SPACE, socket.MSG_ERRQUEUE | socket.MSG_DONTWAIT)
            stamps.setdefault(_byte(ancillary), _stamp(ancillary))
    return stamps.get(byte % IDS)


def _stamp(ancillary: Ancillary) -> int | None:
    for level, kind, data in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, SO_TIMESTAMPING):
            seconds, nanoseconds = TIMESPEC.unpack_from(data)
            return int(seconds * NS_PER_S + nanoseconds) or None
    return None


def _byte(ancillary: Ancillary) -> int | None:
    """The number of the byte that the stamp of a departure is of."""
    for level, _, data in ancillary:
        if level in (socket.IPPROTO_IP, socket.IPPROTO_IPV6):
            return int(EXTENDED_ERROR.unpack_from(data)[-1])
    return None
