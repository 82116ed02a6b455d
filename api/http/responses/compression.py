"""Compression of large responses with gzip, chunk by chunk if they are streamed.

Flask-Compress never flushes a stream: see docs/decisions/compression.md. No response contains a secret that its length
could reveal.
"""

import zlib
from collections.abc import Iterable, Iterator

from flask import Response, request

from api.http.responses.streaming import yielding

COMPRESSED_TYPES = {
    "application/json",
    "application/jsonl",
    "application/schema+json",
    "application/sql",
    "application/vnd.gait.session+json",
    "application/vnd.llama-bench+json",
    "text/csv",
    "text/html",
    "text/markdown",
    "text/plain",
}
MIN_BYTES = 8192
"""Smaller responses are not compressed, unless they are streamed."""
CHUNK_BYTES = 2048
"""Parts of a stream are collected up to this size, because a template yields hundreds of short ones."""
PIECE_BYTES = 1 << 20
"""Larger responses are compressed in pieces of this size, between which other requests run."""
LEVEL = 1
"""gzip's level, which makes a megabyte eight times smaller in milliseconds. Level 9: ten times, in triple the time."""
GZIP = zlib.MAX_WBITS | 16
"""The window size that makes zlib write gzip's format."""


def compress(response: Response) -> Response:
    """Compress the response if it is large, of a compressible type, and the client accepts gzip."""
    if response.mimetype not in COMPRESSED_TYPES or response.content_encoding:
        return response
    response.vary.add("Accept-Encoding")
    if response.is_streamed:
        response.response = _chunks(response.iter_encoded())
    is_large = response.is_streamed or len(response.get_data()) > MIN_BYTES
    if is_large and request.accept_encodings["gzip"] > 0:
        if response.is_streamed:
            response.response = _compressed(response.iter_encoded())
        else:
            response.set_data(b"".join(_compressed(yielding(_pieces(response.get_data())))))
        response.content_encoding = "gzip"
    return response


def _chunks(parts: Iterable[bytes]) -> Iterator[bytes]:
    chunk = bytearray()
    for part in parts:
        chunk += part
        if len(chunk) >= CHUNK_BYTES:
            yield bytes(chunk)
            chunk.clear()
    yield bytes(chunk)


def _pieces(whole: bytes) -> Iterator[bytes]:
    yield from (whole[start : start + PIECE_BYTES] for start in range(0, len(whole), PIECE_BYTES))


def _compressed(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Compress each chunk and flush, so that the client can read it at once."""
    compressor = zlib.compressobj(LEVEL, wbits=GZIP)
    for chunk in chunks:
        yield compressor.compress(chunk) + compressor.flush(zlib.Z_SYNC_FLUSH)
    yield compressor.flush()
