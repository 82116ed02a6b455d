"""A stamped socket and the server's end of its connection."""

import socket
import struct
import threading
import time

from common.environment.timeouts import TimeLimits
from testbed.waiting import DEADLINE_S, until
from worker.ollama.timing.socket import Piece, StampedSocket

HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
CHUNK = b"5\r\nword\n\r\n"
LAST = b"0\r\n\r\n"
Read = tuple[bytes, int]


class Counting(StampedSocket):
    """A socket that counts the bytes it has read from the kernel."""

    taken = 0

    def receive(self) -> Piece:
        piece = super().receive()
        self.taken += len(piece.data)
        return piece


class Peers:
    """The client's socket and the server's end of its connection."""

    def __init__(self, opened: socket.socket, server: socket.socket) -> None:
        self.ours = Counting(opened, TimeLimits(first_byte_s=DEADLINE_S, silence_s=DEADLINE_S))
        self.server = server

    def limit(self, **limits: float) -> None:
        self.ours.countdown.limits = TimeLimits(**limits)

    def ask(self) -> None:
        self.ours.sendall(b"head")
        self.ours.sendall(b"body")
        assert self.server.recv(8, socket.MSG_WAITALL) == b"headbody"

    def log_verdict(self, data: bytes) -> int:
        """Send data and wait until the reader has read it. Return when sending began."""
        taken = self.ours.taken + len(data)
        before = time.time_ns()
        self.server.sendall(data)
        until(lambda: self.ours.taken == taken, "the answer to be taken")
        return before

    def cut(self) -> None:
        self.server.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.server.close()


def read(sock: StampedSocket, most: int = 1 << 16) -> bytes:
    buffer = bytearray(most)
    return bytes(buffer[: sock.recv_into(buffer)])


class Reader(threading.Thread):
    """A thread that reads a number of times, or until a failure."""

    def __init__(self, sock: StampedSocket, times: int) -> None:
        super().__init__(daemon=True)
        self.sock, self.times = sock, times
        self.reads: list[Read] = []
        self.failure: OSError | None = None
        self.start()

    def run(self) -> None:
        try:
            for _ in range(self.times):
                data = read(self.sock)
                self.reads.append((data, self.sock.arrived_ns))
        except OSError as failure:
            self.failure = failure

    def done(self) -> list[bytes]:
        self.join(DEADLINE_S)
        assert not self.is_alive()
        return [data for data, _ in self.reads]
