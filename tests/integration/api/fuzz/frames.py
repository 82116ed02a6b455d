"""Valid and invalid WebSocket frames, and a client that sends them. Source: RFC 6455, section 5."""

import base64
import contextlib
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
CONTINUATION = 0
FIN, RSV1, RSV2, RSV3 = 0x80, 0x40, 0x20, 0x10
KEY = base64.b64encode(bytes(16)).decode()
MASK = b"\x01\x02\x03\x04"
HEADERS = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": KEY,
}
TIMEOUT_S = 60


def frame(
    opcode: int,
    payload: bytes = b"",
    *,
    flags: int = FIN,
    masked: bool = True,
    length: int | None = None,
) -> bytes:
    """Return a client's frame. `length` is its declared length if that is not the payload's."""
    declared = len(payload) if length is None else length
    bit = 0x80 if masked else 0
    if declared < 126:
        size = bytes([bit | declared])
    elif declared < 2**16:
        size = bytes([bit | 126]) + struct.pack("!H", declared)
    else:
        size = bytes([bit | 127]) + struct.pack("!Q", declared)
    return bytes([flags | opcode]) + size + (MASK + _masked(payload) if masked else payload)


def _masked(payload: bytes) -> bytes:
    """Return the payload combined with MASK, as one number, since a frame may be long."""
    masks = (MASK * (len(payload) // len(MASK) + 1))[: len(payload)]
    return (int.from_bytes(payload) ^ int.from_bytes(masks)).to_bytes(len(payload))


def closing(code: int, reason: bytes = b"") -> bytes:
    return frame(CLOSE, struct.pack("!H", code) + reason)


@dataclass(frozen=True)
class Received:
    opcode: int
    payload: bytes

    @property
    def code(self) -> int | None:
        """Return the code of a close frame, or None if it has none."""
        return struct.unpack("!H", self.payload[:2])[0] if self.payload else None


class RawClient:
    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self._read = b""

    def shake(self, path: str, headers: dict[str, str]) -> str:
        """Send a handshake and return the status line of the response."""
        lines = [f"GET {path} HTTP/1.1", "Host: localhost", *(f"{name}: {value}" for name, value in headers.items())]
        self.send("\r\n".join([*lines, "", ""]).encode("latin-1"))
        return self.answer()

    def answer(self) -> str:
        """Return the status line of an HTTP response, or an empty one if the connection ends without."""
        while b"\r\n\r\n" not in self._read and self._more():
            pass
        head, _, self._read = self._read.partition(b"\r\n\r\n")
        return head.partition(b"\r\n")[0].decode("latin-1")

    def rest(self) -> bytes:
        """Return everything that is received until the server closes the connection."""
        while self._more():
            pass
        return self._read

    def send(self, data: bytes) -> None:
        """Send bytes. A server that has closed the connection need not read them."""
        try:
            self.sock.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            return

    def frames(self) -> Iterator[Received]:
        """Yield the server's frames until it closes the connection."""
        while (received := self._next()) is not None:
            yield received

    def frames_until(self, payload: bytes) -> Iterator[Received]:
        """Return the server's frames up to the pong with this payload, which is required."""
        for received in self.frames():
            yield received
            if (received.opcode, received.payload) == (PONG, payload):
                return
        raise AssertionError(f"the connection ended before the pong {payload!r}")

    def leave(self) -> None:
        """Signal that nothing more will be sent."""
        with contextlib.suppress(OSError):  # the server has already closed
            self.sock.shutdown(socket.SHUT_WR)

    def _next(self) -> Received | None:
        if not self._has(2):
            return None
        opcode, length, start = self._read[0] & 15, self._read[1] & 127, 2
        for short, size, form in ((126, 2, "!H"), (127, 8, "!Q")):
            if length == short and start == 2:
                if not self._has(2 + size):
                    return None
                (length,), start = struct.unpack(form, self._read[2 : 2 + size]), 2 + size
                break
        if not self._has(start + length):
            return None
        payload, self._read = self._read[start : start + length], self._read[start + length :]
        return Received(opcode, payload)

    def _has(self, count: int) -> bool:
        while len(self._read) < count:
            if not self._more():
                return False
        return True

    def _more(self) -> bool:
        try:
            data = self.sock.recv(65536)
        except ConnectionResetError:
            return False
        self._read += data
        return bool(data)


@contextmanager
def raw_client(address: str) -> Iterator[RawClient]:
    """Open a TCP connection to `host:port` with a timeout of some seconds."""
    host, _, port = address.partition(":")
    with socket.create_connection((host, int(port)), timeout=TIMEOUT_S) as sock:
        yield RawClient(sock)
