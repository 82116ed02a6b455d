"""Responses to invalid or oversized HTTP requests, which gunicorn's worker sends because they never reach Flask.

gunicorn's own responses are HTML. They and its log would repeat the request, which may contain a key.
"""

import json
from http import HTTPStatus

from gunicorn.http.errors import (
    ExpectationFailed,
    InvalidResponseHeader,
    InvalidResponseHeaderName,
    LimitRequestHeaders,
    LimitRequestLine,
    NoMoreData,
    ParseException,
)

MAX_LINE_BYTES = 4094
"""Bytes of method, URL and version together. These three limits are gunicorn's defaults, as the tests confirm."""
MAX_HEADERS = 100
MAX_HEADER_BYTES = 8190
INTERNAL_MESSAGE = "Internal error. The API's log has the cause."

LINE_TOO_LONG = (
    HTTPStatus.REQUEST_URI_TOO_LONG,
    f"The first line of the request has more than {MAX_LINE_BYTES} bytes. Shorten the URL.",
)
HEADERS_TOO_LARGE = (
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    f"The headers are too large. Send at most {MAX_HEADERS} headers of {MAX_HEADER_BYTES} bytes each.",
)
UNKNOWN_EXPECTATION = (HTTPStatus.EXPECTATION_FAILED, "The header Expect may only be 100-continue.")
INVALID = (HTTPStatus.BAD_REQUEST, "The request is not valid HTTP.")
INTERNAL = (HTTPStatus.INTERNAL_SERVER_ERROR, INTERNAL_MESSAGE)


def status_and_message(error: BaseException) -> tuple[HTTPStatus, str]:
    """Return the status and message for an error of gunicorn's."""
    if isinstance(error, LimitRequestLine):
        return LINE_TOO_LONG
    if isinstance(error, LimitRequestHeaders):
        return HEADERS_TOO_LARGE
    if isinstance(error, ExpectationFailed):
        return UNKNOWN_EXPECTATION
    is_internal = isinstance(error, InvalidResponseHeader | InvalidResponseHeaderName)
    return INVALID if isinstance(error, ParseException | NoMoreData) and not is_internal else INTERNAL


def http_response(status: HTTPStatus, message: str) -> bytes:
    """Return the bytes of a whole HTTP response, with the same body as every other error."""
    body = json.dumps({"status": status, "message": message}).encode()
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\n"
        "Connection: close\r\n"
        "Content-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n"
        "Cache-Control: no-store\r\n"
        "X-Content-Type-Options: nosniff\r\n\r\n"
    )
    return head.encode() + body
