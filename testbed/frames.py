"""WebSocket frames that a text server sends. Source: RFC 6455, section 5.2."""

from collections.abc import Iterator
from dataclasses import dataclass, field

TEXT, CLOSE, PING, PONG = 0x81, 0x88, 0x89, 0x8A
"""First bytes of unfragmented frames of each kind."""

MASKED = b"\x80\0\0\0\0"
"""The rest of a client's empty frame: its length, and the mask that a client must send."""

SHORT, MIDDLE = 125, 126
HEADS = {MIDDLE: 4, 127: 10}
"""Length of a frame's head by its second byte."""


class Corrupt(ValueError):
    """Raised for bytes that are not a frame which a text server may send."""


@dataclass
class Frames:
    """A parser that takes bytes as they arrive and returns whole frames."""

    _rest: bytearray = field(default_factory=bytearray)

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Yield the kind and the content of each frame that is now complete."""
        self._rest += data
        at = 0
        while (span := self._span(at)) is not None:
            begin, end = span
            yield self._rest[at], bytes(self._rest[begin:end])
            at = end
        del self._rest[:at]

    def _span(self, at: int) -> tuple[int, int] | None:
        """Return where the content of the frame at `at` lies, or None while the frame is incomplete."""
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
