"""Large bodies, which are kept in a file while they arrive."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, BinaryIO, cast

from flask import request

from api.http.requests.parser import require_json
from common.errors import Unavailable

PIECE_BYTES = 1 << 18


@contextmanager
def uploaded_json(max_bytes: int) -> Iterator[BinaryIO]:
    """Give the body of the request as a file, which is deleted at the end. Other requests run while it arrives.

    The request ends with 413 if the body is larger, and with 415 if it is not declared as JSON.
    """
    require_json(request)
    request.max_content_length = max_bytes
    with tempfile.TemporaryFile() as file:
        while piece := request.stream.read(PIECE_BYTES):
            _write(file, piece)
            time.sleep(0)
        file.seek(0)
        yield cast("BinaryIO", file)


def _write(file: IO[bytes], piece: bytes) -> None:
    try:
        file.write(piece)
        file.flush()
    except OSError as error:
        raise Unavailable(
            f"The body cannot be kept in {tempfile.gettempdir()}: {error.strerror}. Free space there, or set TMPDIR."
        ) from error
