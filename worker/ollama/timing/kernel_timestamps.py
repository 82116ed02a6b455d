"""Kernel time stamps of departures and arrivals: SO_TIMESTAMPING.

Source: Linux, Documentation/networking/timestamping.rst. Time stamps are nanoseconds on CLOCK_REALTIME, None if the
kernel gives none. The time stamp of an arrival comes with the bytes. Each part that was sent leaves the time stamp of
its last byte in the socket's error queue: over the loopback at once, else when the network card takes it. It is there
before any answer.
"""

import socket
import struct
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

from common.values.units import NS_PER_S

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
"""The kernel returns three time stamps; the first is made by software."""
ERROR_SPACE = SPACE + socket.CMSG_SPACE(64)
IDS = 1 << 32

Ancillary = Iterable[tuple[int, int, bytes]]


def enable(sock: socket.socket) -> bool:
    """Ask the kernel to stamp arrivals, and departures of what `send` sends. Return False if it cannot."""
    if sys.platform != "linux":
        return False
    try:
        sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPING, ARRIVALS)
    except OSError:  # a kernel that only imitates Linux, such as gVisor
        return False
    return True


def receive(sock: socket.socket, max_bytes: int) -> tuple[bytes, int | None]:
    """Return up to `max_bytes`, and the arrival of the last of them in ns of CLOCK_REALTIME.

    The kernel joins unread data and keeps the latest time stamp.
    """
    data, ancillary, _, _ = sock.recvmsg(max_bytes, SPACE)
    return data, _stamp(ancillary)


def send(sock: socket.socket, data: "ReadableBuffer") -> int:
    """Send data and return the number of bytes sent. The departure of the last one is stamped."""
    return sock.sendmsg([data], DEPARTURE)


def departure(sock: socket.socket, byte: int) -> int | None:
    """Return when byte number `byte` of the connection left, in ns, if it was the last of a part. Consume all stamps.

    TCP sends a part again if the peer is slow, and stamps it again. The first time stamp counts.
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
    """Return the number of the byte whose departure was stamped."""
    for level, _, data in ancillary:
        if level in (socket.IPPROTO_IP, socket.IPPROTO_IPV6):
            return int(EXTENDED_ERROR.unpack_from(data)[-1])
    return None
