"""The frames of a WebSocket, as far as a server of text sends them. Source: RFC 6455, section 5.2."""

from collections.abc import Iterator
from dataclasses import dataclass, field

TEXT, CLOSE, PING, PONG = 0x81, 0x88, 0x89, 0x8A
"""First bytes: a whole frame of that kind."""

MASKED = b"\x80\0\0\0\0"
"""The rest of a client's empty frame: its length, and a mask, which a client must have."""

SHORT, MIDDLE = 125, 126
HEADS = {MIDDLE: 4, 127: 10}
"""How long a frame's head is, by its second byte."""


class Corrupt(ValueError):
    """Bytes that are no frame which such a server may send."""


@dataclass
class Frames:
    """Takes bytes as they come, and gives whole frames."""

    _rest: bytearray = field(default_factory=bytearray)

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """The kind and the content of each frame that is whole now."""
        self._rest += data
        at = 0
        while (span := self._span(at)) is not None:
            begin, end = span
            yield self._rest[at], bytes(self._rest[begin:end])
            at = end
        del self._rest[:at]

    def _span(self, at: int) -> tuple[int, int] | None:
        """Where the content of the frame at `at` lies; None while it is not all there."""
        rest = self._rest
        if len(rest) < at + 2:
            return None
        kind, length = rest[at], rest[at + 1]
        if kind not in (TEXT, CLOSE, PING, PONG):
            raise Corrupt(f"a frame begins with {kind:#x}")
        head = HEADS.get(length, 2)
        if length > SHORT:
            if length not in HEADS:
                raise Corrupt("a frame of the server is masked")
            if len(rest) < at + head:
                return None
            length = int.from_bytes(rest[at + 2 : at + head], "big")
        end = at + head + length
        return (at + head, end) if len(rest) >= end else None
