"""The errors of operations, each with a description and an example."""

import re
from http import HTTPStatus

from api.http.requests.malformed import INTERNAL_MESSAGE
from api.http.responses.errors import RETRY_AFTER_S, Error
from api.http.urls import EXAMPLE
from api.openapi import examples
from common.values.free_json import Json

FAILURES: dict[int, tuple[str, str]] = {
    HTTPStatus.BAD_REQUEST: (
        "The body or the request cannot be read.",
        "The body is not valid JSON: Expecting value: line 1 column 12 (char 11).",
    ),
    HTTPStatus.UNAUTHORIZED: (
        "The key is missing or wrong.",
        "A valid key is needed in the header X-API-Key, or as Authorization: Bearer.",
    ),
    HTTPStatus.FORBIDDEN: (
        "The key is read-only, the request comes from a page of another site, or the server has another name.",
        "This key is read-only. Use a key from API_KEYS to change something.",
    ),
    HTTPStatus.NOT_FOUND: (  # the example of operations without an id in their path
        "There is no such session, schedule, regression or webhook.",
        "There is no session 0198b7c2-5f6e-7d31-9a40-3c2d8e71b5f0.",
    ),
    HTTPStatus.CONFLICT: (
        "The state of the record, or of what it needs, does not allow this.",
        "The session has already ended with status completed.",
    ),
    HTTPStatus.GONE: (
        "What is asked for was deleted, because the session is older than the operator keeps it.",
        (
            "The runs of this session were deleted on 2026-11-01T03:10:00.000Z, because it was older than the "
            f"operator's RETENTION_DAYS. Its metrics are kept: see GET /test-sessions/{EXAMPLE}."
        ),
    ),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: (
        "The body is too large.",
        "The body is too large. Send at most 65536 bytes.",
    ),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: (
        "The Content-Type of the body is not JSON, or the body is compressed.",
        "The body must be JSON, with the header Content-Type: application/json.",
    ),
    HTTPStatus.UNPROCESSABLE_ENTITY: (
        "A parameter or a field is not valid. `details` has the problems of each.",
        "The request is not valid: limit.",
    ),
    HTTPStatus.TOO_MANY_REQUESTS: (
        "The client sends more requests than the limit.",
        "Too many requests. The limit is 100 requests per second, as a mean over 10 s. Try again in 2 s.",
    ),
    HTTPStatus.INTERNAL_SERVER_ERROR: (
        "The API failed. Its log has the reason.",
        INTERNAL_MESSAGE,
    ),
    HTTPStatus.SERVICE_UNAVAILABLE: (
        "Redis, the database or an Ollama does not respond.",
        "Redis does not respond. Try again later.",
    ),
}
"""Description and example message by status."""

DETAILS: dict[int, Json] = {
    HTTPStatus.UNPROCESSABLE_ENTITY: {"limit": ["Must be greater than or equal to 1 and less than or equal to 100."]}
}
"""Details of the examples, for the statuses that have some."""

RECORD = re.compile(r"<uuid:(\w+)_id>")
"""The kind of record that a path names by its id."""
RETRY_AFTER = {
    "description": "Seconds after which another try may succeed, if they are known.",
    "schema": {"type": "integer", "minimum": 1},
    "example": RETRY_AFTER_S,
}
WITH_RETRY = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}


def own_message(name: str, path: str, status: int) -> str | None:
    """Return the message that the operation `name` has of its own, or None if it has that of all operations."""
    record = RECORD.search(path)
    if status == HTTPStatus.NOT_FOUND and record:
        return f"There is no {record[1]} {EXAMPLE}."
    return examples.failure(name, status)


def response(status: int, own: str | None = None) -> Json:
    """Return the answer with this status, as in OpenAPI: of all operations, or of one with its `own` message."""
    description, message = FAILURES[status]
    example = {"status": int(status), "message": own or message}
    if status in DETAILS:
        example["details"] = DETAILS[status]
    found: Json = {
        "description": description,
        "content": {"application/json": {"schema": Error, "example": example}},
    }
    return {**found, "headers": {"Retry-After": RETRY_AFTER}} if status in WITH_RETRY else found
