"""Routes that describe themselves: what a route takes and every status it answers with stand in one declaration."""

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
from api.http.auth import HEADER, READS
from common.free_json import Json

View = TypeVar("View", bound=Callable[..., Any])

EVERYWHERE = (HTTPStatus.INTERNAL_SERVER_ERROR,)
WITH_KEY = (HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
WITH_BODY = (HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNSUPPORTED_MEDIA_TYPE)

DESCRIPTION = """A benchmark lab for Ollama models on people's own machines.

Durations are in milliseconds, memory in bytes, frequencies in MHz, shares in percent, power in watts, energy in joules,
times in ISO 8601 and UTC; null is unknown. Every answer that is no success is an `Error`, also where no operation is
found: 404 for an unknown address, 405 (with the header `Allow`) for a method that it does not have. The two WebSockets
are described as the GET that opens them.
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
                "description": "Needed where the server has keys; one that is for reading alone opens every GET.",
            }
        }
    },
    "security": [{"ApiKey": []}],
}


class Api(flask_smorest.Api):  # type: ignore[misc] # flask-smorest has no types
    ERROR_SCHEMA = errors.Error
    DEFAULT_ERROR_RESPONSE_NAME = None  # each route names its errors

    def handle_http_exception(self, error: HTTPException) -> Response:
        return errors.from_http(error)


class Parser(FlaskParser):
    """Strict: unknown parameters and fields are refused, because a filter with a typing error would find everything."""

    DEFAULT_UNKNOWN_BY_LOCATION = {**FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, "query": marshmallow.RAISE}  # noqa: RUF012 - as webargs has it

    def load_json(self, req: Request, schema: Schema) -> Any:  # noqa: ANN401, ARG002 - as webargs has it
        if not is_json_request(req):
            errors.refuse(
                HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "send JSON, with the header Content-Type: application/json"
            )
        try:
            return json.loads(_whole_body(req), object_pairs_hook=_each_once, parse_constant=_no_number)
        except (ValueError, RecursionError) as error:  # ValueError: also bad UTF-8, and numbers too long to read
            errors.refuse(HTTPStatus.BAD_REQUEST, f"the body is no JSON: {error}")


def _whole_body(req: Request) -> bytes:
    """413 for one in chunks that is too large: of those werkzeug would give the beginning."""
    body = req.get_data()
    if req.environ.get("wsgi.input_terminated") and req.environ["wsgi.input"].read(1):
        raise RequestEntityTooLarge
    return body


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    twice = {name: ["stands here twice"] for name, times in Counter(name for name, _ in pairs).items() if times > 1}
    if twice:
        errors.refuse_fields(twice)
    return dict(pairs)


def _no_number(constant: str) -> None:
    raise ValueError(f"{constant} is no number")


PARSER = Parser()


class Resource(flask_smorest.Blueprint):  # type: ignore[misc] # flask-smorest has no types
    """A group of routes."""

    ARGUMENTS_PARSER = PARSER

    def register_views_in_doc(self, api: Api, app: Flask, spec: APISpec, *, name: str, **others: Any) -> None:  # noqa: ANN401 - passed on
        """An operation is called there as its endpoint is in Flask, which links need."""
        for endpoint, methods in self._docs.items():
            for described in (methods[method] for method in methods if method != "parameters"):
                described.setdefault("manual_doc", {})["operationId"] = f"{name}.{endpoint}"
        super().register_views_in_doc(api, app, spec, name=name, **others)

    def operation(  # noqa: PLR0913 - what a route takes and gives
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
        """Declare a route. The view gets what is declared of query, headers and body, in this order.

        `failures` are those of this route alone. A `public` one is described as needing no key: see api/http/auth.py.
        `answer_headers` and `links` are the success's, as OpenAPI has them.
        """
        known = {*EVERYWHERE, *failures, *(() if public else WITH_KEY), *(WITH_BODY if body else ())}
        if method not in READS:
            known.add(HTTPStatus.FORBIDDEN)

        def declare(function: View) -> View:
            view = self.response(*answer, headers=answer_headers)(function)
            view = self.doc(responses={str(answer[0]): {"links": links}})(view) if links else view
            for status in sorted(known):
                view = self.alt_response(status, HTTPStatus(status).name)(view)
            for location, schema in (("json", body), ("headers", headers), ("query", query)):
                view = self.arguments(schema, location=location)(view) if schema else view
            self.route(path, methods=[method])(self.doc(security=[])(view) if public else view)
            return function

        return declare
