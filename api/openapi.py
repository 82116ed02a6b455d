"""Routes that describe themselves: what a route takes and every status it answers with stand in one declaration."""

import json
from collections import Counter
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any, TypeVar

import flask_smorest  # type: ignore[import-untyped] # it has no types
import marshmallow
from flask import Request, Response
from marshmallow import Schema
from webargs.flaskparser import FlaskParser, is_json_request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from api import errors
from api.auth import HEADER, READS

View = TypeVar("View", bound=Callable[..., Any])

EVERYWHERE = (HTTPStatus.INTERNAL_SERVER_ERROR,)
WITH_KEY = (HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
WITH_BODY = (HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNSUPPORTED_MEDIA_TYPE)

SPEC_OPTIONS = {
    "info": {"description": "A benchmark lab for Ollama models on people's own machines."},
    "components": {"securitySchemes": {"ApiKey": {"type": "apiKey", "in": "header", "name": HEADER}}},
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
        sent = req.get_data()
        # Werkzeug cuts a body without a declared length, and says nothing.
        if req.content_length is None and req.environ["wsgi.input"].read(1):
            raise RequestEntityTooLarge
        try:
            return json.loads(sent, object_pairs_hook=_each_once, parse_constant=_no_number)
        except (ValueError, RecursionError) as error:  # ValueError: also bad UTF-8, and numbers too long to read
            errors.refuse(HTTPStatus.BAD_REQUEST, f"the body is no JSON: {error}")


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
    ) -> Callable[[View], View]:
        """Declare a route. The view gets what is declared of query, headers and body, in this order.

        `failures` are those of this route alone. A `public` one is described as needing no key: see api/auth.py.
        """
        known = {*EVERYWHERE, *failures, *(() if public else WITH_KEY), *(WITH_BODY if body else ())}
        if method not in READS:
            known.add(HTTPStatus.FORBIDDEN)

        def declare(function: View) -> View:
            view = self.response(*answer)(function)
            for status in sorted(known):
                view = self.alt_response(status, HTTPStatus(status).name)(view)
            for location, schema in (("json", body), ("headers", headers), ("query", query)):
                view = self.arguments(schema, location=location)(view) if schema else view
            self.route(path, methods=[method])(self.doc(security=[])(view) if public else view)
            return function

        return declare
