"""Error responses: `{status, message, details?}`, where `details` has the problems by field."""

import logging
from http import HTTPStatus
from typing import Any, NoReturn, TypeVar

import flask
from flask import Flask, Response
from flask.typing import ResponseReturnValue
from gunicorn.http.errors import NoMoreData, ParseException
from marshmallow import EXCLUDE, Schema, fields
from marshmallow.exceptions import SCHEMA
from webargs.flaskparser import abort
from werkzeug.exceptions import HTTPException
from wsproto.utilities import RemoteProtocolError

from api.http import urls
from api.http.requests.malformed import INTERNAL_MESSAGE, status_and_message
from common.errors import ConfigurationError, Conflict, OllamaError, Unavailable, UnreadableRecord
from common.process.failures import with_cause

RETRY_AFTER_S = 10
"""When a client should try again after 503, in seconds. An outage lasts longer more often than not."""

BROKEN_BODY: tuple[type[Exception], ...] = (ParseException, NoMoreData)
"""Errors raised while a body is read, which gunicorn does not handle any more."""

T = TypeVar("T")

logger = logging.getLogger(__name__)


class Error(Schema):
    """An error."""

    class Meta:
        unknown = EXCLUDE  # in OpenAPI, as for other answers

    status = fields.Integer(required=True, metadata={"description": "The HTTP status."})
    message = fields.String(required=True, metadata={"description": "The problem and, if known, what to do."})
    details = fields.Dict(keys=fields.String(), metadata={"description": "The problems by field."})


def refuse(status: int, message: str, details: dict[str, Any] | None = None) -> NoReturn:
    """End the request with this error."""
    abort(status, message=message, details=details)


def or_404(found: T | None, record_id: object, kind: str = "session") -> T:
    """Return what was found of a session, or a record of another kind. End the request with 404 if it is None."""
    if found is None:
        refuse(HTTPStatus.NOT_FOUND, f"There is no {kind} {record_id}.")
    return found


def refuse_fields(details: dict[str, Any]) -> NoReturn:
    """End the request with 422 and the problems by field."""
    refuse(HTTPStatus.UNPROCESSABLE_ENTITY, _summary(details), details)


def register(app: Flask) -> None:
    app.register_error_handler(HTTPException, from_http)
    app.register_error_handler(Conflict, lambda error: _response(HTTPStatus.CONFLICT, str(error)))
    app.register_error_handler(UnreadableRecord, lambda error: _response(HTTPStatus.INTERNAL_SERVER_ERROR, str(error)))
    app.register_error_handler(OllamaError, lambda error: _response(HTTPStatus.SERVICE_UNAVAILABLE, str(error)))
    for error_type in (Unavailable, ConfigurationError):
        app.register_error_handler(error_type, _unavailable)
    app.register_error_handler(RemoteProtocolError, lambda error: _response(HTTPStatus.BAD_REQUEST, str(error)))
    for broken in BROKEN_BODY:
        app.register_error_handler(broken, lambda error: _response(*status_and_message(error)))


def from_http(error: HTTPException) -> Response:
    """Convert an HTTP error to JSON, and keep its headers, such as Allow."""
    data = getattr(error, "data", None) or {}
    details = data.get("details") or _details(data.get("messages"))
    message = data.get("message") or (_summary(details) if details else _message(error))
    response = flask.make_response(error.get_response())
    response.set_data(flask.json.dumps(_body(response.status_code, message, details)))
    response.content_type = "application/json"
    return response


def _details(messages: Any) -> dict[str, Any]:  # noqa: ANN401 - marshmallow nests its messages to any depth
    """Convert webargs's {location: {field: problems}} to {field: problems}. The field `body` is the whole body."""
    found = [(field, problems) for location in (messages or {}).values() for field, problems in location.items()]
    return {"body" if field == SCHEMA else field: problems for field, problems in found}


def _summary(details: dict[str, Any]) -> str:
    return f"The request is not valid: {', '.join(map(str, details))}."


def _message(error: HTTPException) -> str:
    if error.code == HTTPStatus.INTERNAL_SERVER_ERROR:
        return INTERNAL_MESSAGE
    if error.code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return f"The body is too large. Send at most {flask.request.max_content_length} bytes."
    return urls.message(error) or error.description or error.name


def _unavailable(error: Unavailable | ConfigurationError) -> ResponseReturnValue:
    logger.warning("503: %s", with_cause(error))
    body = _body(HTTPStatus.SERVICE_UNAVAILABLE, f"{error} Try again later.", None)
    return body, HTTPStatus.SERVICE_UNAVAILABLE, {"Retry-After": str(RETRY_AFTER_S)}


def _response(status: int, message: str) -> ResponseReturnValue:
    return _body(status, message, None), status


def _body(status: int, message: str, details: dict[str, Any] | None) -> dict[str, Any]:
    return {"status": status, "message": message} | ({"details": details} if details else {})
