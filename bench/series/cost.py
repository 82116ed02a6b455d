"""Cost of a codec."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Cost:
    """Bytes of a chunk, and median milliseconds to write and to read it."""

    codec: str
    size: int
    encode_ms: float
    decode_ms: float
