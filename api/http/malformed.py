"""What is no proper HTTP, or too long to be read, never reaches Flask: gunicorn's worker asks here what to answer.

gunicorn's own answers are HTML, and both they and its log repeat what was sent, which may hold a key.
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

LONGEST_LINE = 4094
"""Bytes of method, URL and version together. These three are gunicorn's defaults, as the tests confirm."""
MOST_HEADERS = 100
LONGEST_HEADER = 8190

TOO_LONG = (
    HTTPStatus.REQUEST_URI_TOO_LONG,
    f"the first line of the request is over {LONGEST_LINE} bytes; shorten the URL",
)
TOO_MANY = (
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    f"at most {MOST_HEADERS} headers of {LONGEST_HEADER} bytes each are read",
)
EXPECTING = (HTTPStatus.EXPECTATION_FAILED, "of the header Expect only 100-continue is understood")
MALFORMED = (HTTPStatus.BAD_REQUEST, "this is no proper HTTP request")
OURS = (HTTPStatus.INTERNAL_SERVER_ERROR, "an error of ours; the log of the API has it")


def judged(error: BaseException) -> tuple[HTTPStatus, str]:
    """The status and message that a client gets for what gunicorn raised."""
    if isinstance(error, LimitRequestLine):
        return TOO_LONG
    if isinstance(error, LimitRequestHeaders):
        return TOO_MANY
    if isinstance(error, ExpectationFailed):
        return EXPECTING
    ours = isinstance(error, InvalidResponseHeader | InvalidResponseHeaderName)
    return MALFORMED if isinstance(error, ParseException | NoMoreData) and not ours else OURS


def answer(status: HTTPStatus, message: str) -> bytes:
    """The whole HTTP answer, in the shape of every other error."""
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
