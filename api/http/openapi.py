"""Declarations of routes, with their parameters and all their statuses, from which the OpenAPI document is made."""

import json
from collections import Counter
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any, TypeVar

import flask_smorest  # type: ignore[import-untyped] # it has no types
import marshmallow
from apispec import APISpec
from flask import Flask, Request, Response
from marshmallow import Schema
from webargs.flaskparser import FlaskParser, is_json_request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from api.http import errors
from api.http.auth import HEADER, SAFE_METHODS
from api.http.query import canonical
from common.free_json import Json

View = TypeVar("View", bound=Callable[..., Any])

ALWAYS = (HTTPStatus.INTERNAL_SERVER_ERROR,)
WITH_KEY = (HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
WITH_BODY = (HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNSUPPORTED_MEDIA_TYPE)

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
            }
        }
    },
    "security": [{"ApiKey": []}],
}


class Api(flask_smorest.Api):  # type: ignore[misc] # flask-smorest has no types
    ERROR_SCHEMA = errors.Error
    DEFAULT_ERROR_RESPONSE_NAME = None  # each route declares its errors

    def handle_http_exception(self, error: HTTPException) -> Response:
        return errors.from_http(error)


class Parser(FlaskParser):
    """A parser that refuses unknown parameters and fields, because a misspelt filter would match everything."""

    DEFAULT_UNKNOWN_BY_LOCATION = {**FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, "query": marshmallow.RAISE}  # noqa: RUF012 - as in webargs

    def load_querystring(self, req: Request, schema: Schema) -> Any:  # noqa: ANN401 - as in webargs
        return self._makeproxy(canonical(req.args, schema), schema)

    def load_json(self, req: Request, schema: Schema) -> Any:  # noqa: ANN401, ARG002 - as in webargs
        if not is_json_request(req):
            errors.refuse(
                HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
                "The body must be JSON, with the header Content-Type: application/json.",
            )
        _refuse_encoded(req)
        try:
            return json.loads(_read_body(req), object_pairs_hook=_unique_fields, parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:  # ValueError: also invalid UTF-8, and numbers that are too long
            errors.refuse(HTTPStatus.BAD_REQUEST, f"The body is not valid JSON: {error}.")


def _refuse_encoded(req: Request) -> None:
    """Refuse a compressed body, which would be read as JSON that is not valid."""
    encoding = req.headers.get("Content-Encoding", "identity")
    if encoding.strip().lower() not in ("", "identity"):
        message = f"Content-Encoding: {encoding} is not supported. Send the body as it is, without this header."
        errors.refuse(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, message)


def _read_body(req: Request) -> bytes:
    """Return the body. A chunked body that is too large gives 413, because werkzeug would return its beginning."""
    body = req.get_data()
    if req.environ.get("wsgi.input_terminated") and req.environ["wsgi.input"].read(1):
        raise RequestEntityTooLarge
    return body


def _unique_fields(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    counts = Counter(name for name, _ in pairs)
    repeated = {name: ["is given more than once"] for name, count in counts.items() if count > 1}
    if repeated:
        errors.refuse_fields(repeated)
    return dict(pairs)


def _refuse_constant(constant: str) -> None:
    raise ValueError(f"{constant} is not a number")


PARSER = Parser()


class Resource(flask_smorest.Blueprint):  # type: ignore[misc] # flask-smorest has no types
    """A group of routes."""

    ARGUMENTS_PARSER = PARSER

    def register_views_in_doc(self, api: Api, app: Flask, spec: APISpec, *, name: str, **others: Any) -> None:  # noqa: ANN401 - passed on
        """Give each operation the id of its Flask endpoint, which links need."""
        for endpoint, methods in self._docs.items():
            for described in (methods[method] for method in methods if method != "parameters"):
                described.setdefault("manual_doc", {})["operationId"] = f"{name}.{endpoint}"
        super().register_views_in_doc(api, app, spec, name=name, **others)

    def operation(  # noqa: PLR0913 - the parts of a route
        self,
        method: str,
        path: str,
        *,
        answer: tuple[int, type[Schema] | None],
        query: type[Schema] | None = None,
        headers: type[Schema] | None = None,
        body: type[Schema] | None = None,
        failures: Iterable[int] = (),
        public: bool = False,
        answer_headers: Json | None = None,
        links: Json | None = None,
    ) -> Callable[[View], View]:
        """Declare a route. The view receives the declared query, headers and body, in this order.

        `failures` are the statuses that only this route has. A `public` route needs no key: see api/http/auth.py.
        `answer_headers` and `links` are those of the success, as in OpenAPI.
        """
        statuses = {*ALWAYS, *failures, *(() if public else WITH_KEY), *(WITH_BODY if body else ())}
        if method not in SAFE_METHODS:
            statuses.add(HTTPStatus.FORBIDDEN)

        def declare(function: View) -> View:
            view = self.response(*answer, headers=answer_headers)(function)
            view = self.doc(responses={str(answer[0]): {"links": links}})(view) if links else view
            for status in sorted(statuses):
                view = self.alt_response(status, HTTPStatus(status).name)(view)
            for location, schema in (("json", body), ("headers", headers), ("query", query)):
                view = self.arguments(schema, location=location)(view) if schema else view
            self.route(path, methods=[method])(self.doc(security=[])(view) if public else view)
            return function

        return declare
