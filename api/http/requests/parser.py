"""Parsing of queries and bodies. It is strict about what they contain."""

from collections import Counter
from http import HTTPStatus
from typing import Any

import marshmallow
from flask import Request
from marshmallow import Schema
from webargs.flaskparser import FlaskParser, is_json_request
from werkzeug.exceptions import RequestEntityTooLarge

from api.http.client_socket import RECEIVE_TIMEOUT_S
from api.http.requests.query import canonical, check_encoding
from api.http.responses import errors
from common.values.bounded_json import parse_json


class Parser(FlaskParser):
    """A parser that refuses unknown parameters and fields, because a misspelt filter would match everything."""

    DEFAULT_UNKNOWN_BY_LOCATION = {**FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, "query": marshmallow.RAISE}  # noqa: RUF012 - as in webargs

    def load_querystring(self, req: Request, schema: Schema) -> Any:  # noqa: ANN401 - as in webargs
        check_encoding(req.query_string)
        return self._makeproxy(canonical(req.args, schema), schema)

    def load_json(self, req: Request, schema: Schema) -> Any:  # noqa: ANN401, ARG002 - as in webargs
        require_json(req)
        body = _read_body(req)
        if not body.strip():
            errors.refuse(HTTPStatus.BAD_REQUEST, "The body is empty. Send a JSON object.")
        try:
            return parse_json(body, object_pairs_hook=_unique_fields, parse_constant=_refuse_constant)
        except ValueError as error:  # also invalid UTF-8, too deep, and numbers that are too long
            errors.refuse(HTTPStatus.BAD_REQUEST, f"The body is not valid JSON: {error}.")


def require_json(req: Request) -> None:
    """Refuse a body that is not declared as JSON, or is compressed and would be read as JSON that is not valid."""
    if not is_json_request(req):
        message = "The body must be JSON, with the header Content-Type: application/json."
        errors.refuse(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, message)
    encoding = req.headers.get("Content-Encoding", "identity")
    if encoding.strip().lower() not in ("", "identity"):
        message = f"Content-Encoding: {encoding} is not supported. Send the body as it is, without this header."
        errors.refuse(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, message)


def _read_body(req: Request) -> bytes:
    """Return the body. werkzeug returns the beginning of one that was cut, and of a chunked one that is too large."""
    body = req.get_data()
    if len(body) < (req.content_length or 0):
        arrived = f"The body ended after {len(body)} of {req.content_length} bytes."
        errors.refuse(HTTPStatus.BAD_REQUEST, f"{arrived} Send all of it, without a pause of {RECEIVE_TIMEOUT_S:g} s.")
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
