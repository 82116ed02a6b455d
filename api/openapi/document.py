"""The OpenAPI document as a whole: what it says of the API, its errors, and how schemas become JSON Schema."""

from collections.abc import Callable
from http import HTTPStatus
from threading import Lock
from typing import Any, cast

import flask_smorest  # type: ignore[import-untyped] # it has no types
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Flask, Response
from werkzeug.exceptions import HTTPException

from api.http.access.auth import HEADER
from api.http.responses import errors
from api.openapi.failures import FAILURES, response
from api.openapi.json_schema import Converter
from api.openapi.paths import Paths
from common.environment.settings import Settings
from common.values.free_json import Json

OPENAPI_VERSION = "3.1.0"

DESCRIPTION = """A benchmark lab for Ollama models on people's own machines.

Durations are in milliseconds, memory in bytes, frequencies in MHz, shares in percent, power in watts, energy in joules,
and times in ISO 8601 and UTC. Unknown values are null. Every error response is an `Error`, also if there is no such
operation: 404 for an unknown URL, 405 (with the header `Allow`) for a method that a URL does not have. Answers may get
more fields in later versions.

Two WebSockets, `/api/v1/ws/test-progress` and `/api/v1/ws/hardware`, send the progress of sessions and the readings of
machines. `/asyncapi.json` describes them.
"""

INFO = {
    "summary": "Benchmarks of Ollama models.",
    "description": DESCRIPTION,
    "contact": {"name": "Gait's maintainers"},
    "license": {"name": "MIT", "identifier": "MIT"},
}

KEY = {
    "type": "apiKey",
    "in": "header",
    "name": HEADER,
    "description": "Needed if the server has keys. A read-only key is enough for every GET.",
}
BEARER = {
    "type": "http",
    "scheme": "bearer",
    "description": f"The same key, for clients that cannot send {HEADER}.",
}
HERE = "."
"""Where the document is, which may be below a path of a proxy."""


class MarshmallowSchemas(MarshmallowPlugin):
    Converter = Converter


class Api(flask_smorest.Api):  # type: ignore[misc] # flask-smorest has no types
    """The document and its operations. The document of a server without keys says that none is needed.

    Operations are described when the document is first asked for, because that takes most of the application's start.
    """

    ERROR_SCHEMA = errors.Error
    DEFAULT_ERROR_RESPONSE_NAME = None  # each route declares its errors

    def __init__(self, app: Flask, config: Settings) -> None:
        self._undescribed: list[Callable[[], None]] = []
        self._describing = Lock()
        app.config["API_SPEC_OPTIONS"] = spec_options(has_keys=config.needs_key)
        super().__init__(app, spec_kwargs={"marshmallow_plugin": MarshmallowSchemas(), "flask_plugin": Paths()})

    def describe_later(self, describe: Callable[[], None]) -> None:
        """Call a function, which describes operations, before the document is sent."""
        self._undescribed.append(describe)

    def _openapi_json(self) -> Response:
        with self._describing:
            while self._undescribed:
                self._undescribed.pop(0)()
        return cast("Response", super()._openapi_json())

    def handle_http_exception(self, error: HTTPException) -> Response:
        return errors.from_http(error)

    def _register_responses(self) -> None:
        """Describe each error that operations refer to by the name of its status."""
        for status in FAILURES:
            self.spec.components.response(HTTPStatus(status).name, response(status), lazy=True)

    def _register_etag_headers(self) -> None:
        """Describe none, because no operation has these headers."""

    _register_pagination_header = _register_etag_headers


def spec_options(*, has_keys: bool) -> Json:
    """Return the parts of the document that no operation declares."""
    security: list[dict[str, Any]] = [{"ApiKey": []}, {"Bearer": []}]
    return {
        "info": INFO,
        "servers": [{"url": HERE}],
        "components": {"securitySchemes": {"ApiKey": KEY, "Bearer": BEARER}},
        "security": security if has_keys else [*security, {}],
    }
