"""Compress large answers with gzip, streamed ones piece by piece.

Not by Flask-Compress, which never flushes a stream: docs/decisions/compression.md. An answer holds no secret that its
length could reveal.
"""

import zlib
from collections.abc import Iterable, Iterator

from flask import Response, request

COMPRESSED_TYPES = {"application/json", "text/csv", "text/html"}
MIN_BYTES = 8192
"""Smaller answers stay as they are, unless they are streamed."""
PIECE_BYTES = 2048
"""Parts of a stream are collected up to this size: a template yields hundreds of short ones."""
LEVEL = 1
"""gzip's level: it makes a megabyte eight times smaller in some milliseconds; level 9 ten times, in triple the time."""
GZIP = zlib.MAX_WBITS | 16
"""The window size that makes zlib write gzip's format."""


def compress(response: Response) -> Response:
    """Compress the response if it is large, of a type worth it, and the client accepts gzip."""
    if response.mimetype not in COMPRESSED_TYPES or response.content_encoding:
        return response
    response.vary.add("Accept-Encoding")
    if response.is_streamed:
        response.response = _pieces(response.iter_encoded())
    is_large = response.is_streamed or len(response.get_data()) > MIN_BYTES
    if is_large and request.accept_encodings["gzip"] > 0:
        compressed = _compressed(response.iter_encoded())
        if response.is_streamed:
            response.response = compressed
        else:
            response.set_data(b"".join(compressed))
        response.content_encoding = "gzip"
    return response


def _pieces(parts: Iterable[bytes]) -> Iterator[bytes]:
    piece = bytearray()
    for part in parts:
        piece += part
        if len(piece) >= PIECE_BYTES:
            yield bytes(piece)
            piece.clear()
    yield bytes(piece)


def _compressed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Flush after each piece, so that the client can read it at once."""
    compressor = zlib.compressobj(LEVEL, wbits=GZIP)
    for piece in pieces:
        yield compressor.compress(piece) + compressor.flush(zlib.Z_SYNC_FLUSH)
    yield compressor.flush()
