"""Large answers in JSON travel packed by gzip to who can unpack them."""

import gzip

from flask import Flask, Response, request

WORTH_PACKING = 8192
"""Bytes."""
QUICKLY = 1
"""gzip's level: readings become an eighth in some milliseconds, and at its best level a tenth in thrice the time."""


def register(app: Flask) -> None:
    app.after_request(pack)


def pack(answer: Response) -> Response:
    """There is no secret in what the API tells that its length could give away."""
    if not answer.is_json or answer.is_streamed or answer.content_encoding:
        return answer
    answer.vary.add("Accept-Encoding")
    if request.accept_encodings["gzip"] > 0 and len(told := answer.get_data()) > WORTH_PACKING:
        answer.set_data(gzip.compress(told, QUICKLY, mtime=0))
        answer.content_encoding = "gzip"
    return answer
