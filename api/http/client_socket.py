"""The connection to a client, with a deadline for each send and each part of a body.

A client that stops reading would otherwise hold its response in memory for ever.
"""

import errno
import logging
import socket
import struct
from typing import Any

import gevent

SEND_TIMEOUT_S = 30.0
"""How long a client may take for PIECE_BYTES. It gets a response of any size at 2 kB/s."""
PIECE_BYTES = 65_536
RECEIVE_TIMEOUT_S = 30.0
"""How long a client may be silent in the middle of a request's body."""

logger = logging.getLogger(__name__)


class ClientSocket:
    """gevent's socket of a client, as gunicorn uses it. `peer` is its address."""

    def __init__(self, sock: Any, peer: object) -> None:  # noqa: ANN401 - gevent's, which has no types
        self._sock = sock
        self._peer = peer[0] if isinstance(peer, tuple) and peer else "a Unix socket"

    def sendall(self, data: bytes) -> None:
        """Send all data, piece by piece.

        Raises:
            BrokenPipeError: if the client does not read, or has left.
        """
        rest = memoryview(data)
        while rest:
            piece, rest = rest[:PIECE_BYTES], rest[PIECE_BYTES:]
            with gevent.Timeout(SEND_TIMEOUT_S) as limit:
                self._send(piece, limit)

    def _send(self, piece: memoryview, limit: gevent.Timeout) -> None:
        try:
            self._sock.sendall(piece)
        except gevent.Timeout as expired:
            if expired is not limit:
                raise
            logger.warning(
                "the client at %s did not read its response for %g s, so the connection was closed",
                self._peer,
                SEND_TIMEOUT_S,
            )
            forget_unsent(self._sock)
            raise BrokenPipeError(errno.EPIPE, "the client does not read") from None

    def recv(self, size: int) -> bytes:
        """Return what has arrived. Nothing means that the client has left, or is silent for too long."""
        with gevent.Timeout(RECEIVE_TIMEOUT_S, False):  # noqa: FBT003 - False makes the timeout silent
            data: bytes = self._sock.recv(size)
            return data
        logger.warning("the client at %s sent nothing for %g s in a request", self._peer, RECEIVE_TIMEOUT_S)
        return b""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - any attribute of a socket
        return getattr(self._sock, name)


def forget_unsent(sock: Any) -> None:  # noqa: ANN401 - as above
    """Let closing the connection reset it, because the kernel would keep what the client does not read for minutes."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
