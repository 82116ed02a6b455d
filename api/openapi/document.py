"""The OpenAPI document as a whole: what it says of the API, and which errors it has."""

import flask_smorest  # type: ignore[import-untyped] # it has no types
from flask import Response
from werkzeug.exceptions import HTTPException

from api.http import errors
from api.http.auth import HEADER

DESCRIPTION = """A benchmark lab for Ollama models on people's own machines.

Durations are in milliseconds, memory in bytes, frequencies in MHz, shares in percent, power in watts, energy in joules,
and times in ISO 8601 and UTC. Unknown values are null. Every error response is an `Error`, also if there is no such
operation: 404 for an unknown URL, 405 (with the header `Allow`) for a method that a URL does not have. The two
WebSockets are described as the GET request that opens them.
"""

SPEC_OPTIONS = {
    "info": {"description": DESCRIPTION},
    "servers": [{"url": "/"}],
    "components": {
        "securitySchemes": {
            "ApiKey": {
                "type": "apiKey",
                "in": "header",
                "name": HEADER,
                "description": "Needed if the server has keys. A read-only key is enough for every GET.",
            },
            "Bearer": {
                "type": "http",
                "scheme": "bearer",
                "description": f"The same key, for clients that cannot send {HEADER}.",
            },
        }
    },
    "security": [{"ApiKey": []}, {"Bearer": []}],
}


class Api(flask_smorest.Api):  # type: ignore[misc] # flask-smorest has no types
    ERROR_SCHEMA = errors.Error
    DEFAULT_ERROR_RESPONSE_NAME = None  # each route declares its errors

    def handle_http_exception(self, error: HTTPException) -> Response:
        return errors.from_http(error)
