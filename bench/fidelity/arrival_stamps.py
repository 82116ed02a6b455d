"""Kernel time stamps of received bytes, independent of the product's code.

The product uses SO_TIMESTAMPING. The reference server uses SO_TIMESTAMPNS, an older option that stamps the same moment.
A mistake in the product's options or its parsing cannot hide here.
"""

import socket
import struct
import sys
import time

SO_TIMESTAMPNS = 35
"""asm-generic/socket.h. Python has no name for it."""
TIMESPEC = struct.Struct("@ll")
MAX_BYTES = 1 << 16


def enable(connection: socket.socket) -> None:
    """Have the kernel stamp what arrives from now on, if it can."""
    if sys.platform == "linux":
        connection.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)


def receive(connection: socket.socket) -> tuple[bytes, int]:
    """Receive bytes, and return them with the nanoseconds (CLOCK_REALTIME) at which the last of them arrived.

    Without a kernel stamp, the time is that of this call.
    """
    data, messages, _, _ = connection.recvmsg(MAX_BYTES, socket.CMSG_SPACE(TIMESPEC.size))
    for level, kind, content in messages:
        if (level, kind) == (socket.SOL_SOCKET, SO_TIMESTAMPNS):
            seconds, nanoseconds = TIMESPEC.unpack(content)
            return data, int(seconds) * 1_000_000_000 + int(nanoseconds)
    return data, time.time_ns()
