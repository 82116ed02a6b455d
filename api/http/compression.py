"""Large answers travel packed by gzip to who can unpack them; those that are made on the way do so piece by piece.

There is no secret in what Gait tells that its length could give away.
"""

import zlib
from collections.abc import Iterable, Iterator

from flask import Response, request

PACKED = {"application/json", "text/csv", "text/html"}
WORTH_PACKING = 8192
"""Bytes of a whole answer."""
PIECE = 2048
"""Bytes that are worth a journey of their own: a template gives hundreds of snippets."""
QUICKLY = 1
"""gzip's level: a megabyte becomes an eighth in some milliseconds, and at its best level a tenth in thrice the time."""
AS_GZIP = zlib.MAX_WBITS | 16
"""How zlib is told to write gzip's format."""


def pack(answer: Response) -> Response:
    if answer.mimetype not in PACKED or answer.content_encoding:
        return answer
    answer.vary.add("Accept-Encoding")
    is_large = answer.is_streamed or len(answer.get_data()) > WORTH_PACKING
    if answer.is_streamed:
        answer.response = _gathered(answer.iter_encoded())
    if is_large and request.accept_encodings["gzip"] > 0:
        packed = _packed(answer.iter_encoded())
        if answer.is_streamed:
            answer.response = packed
        else:
            answer.set_data(b"".join(packed))
        answer.content_encoding = "gzip"
    return answer


def _gathered(parts: Iterable[bytes]) -> Iterator[bytes]:
    gathered = bytearray()
    for part in parts:
        gathered += part
        if len(gathered) >= PIECE:
            yield bytes(gathered)
            gathered.clear()
    yield bytes(gathered)


def _packed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Each piece so that it can be read as soon as it is there."""
    packer = zlib.compressobj(QUICKLY, wbits=AS_GZIP)
    for piece in pieces:
        yield packer.compress(piece) + packer.flush(zlib.Z_SYNC_FLUSH)
    yield packer.flush()
