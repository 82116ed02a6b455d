"""Every answer that is no success: `{status, message, details?}`, where `details` says by field what is wrong."""

import logging
from http import HTTPStatus
from typing import Any, NoReturn, TypeVar

import flask
from flask import Flask, Response
from flask.typing import ResponseReturnValue
from gunicorn.http.errors import NoMoreData, ParseException
from marshmallow import Schema, fields
from marshmallow.exceptions import SCHEMA
from playhouse.pool import MaxConnectionsExceeded
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from webargs.flaskparser import abort
from werkzeug.exceptions import HTTPException
from werkzeug.routing.exceptions import WebsocketMismatch
from wsproto.utilities import RemoteProtocolError

from api.http.malformed import judged
from common.errors import Conflict, OllamaError, Unavailable
from common.store.database import AWAY

REDIS_AWAY: tuple[type[Exception], ...] = (RedisConnectionError, RedisTimeoutError)
DATABASE_AWAY: tuple[type[Exception], ...] = (*AWAY, MaxConnectionsExceeded)

BROKEN_BODY: tuple[type[Exception], ...] = (ParseException, NoMoreData)
"""Found where a body is read, later than gunicorn looks for such."""

T = TypeVar("T")

logger = logging.getLogger(__name__)


class Error(Schema):
    status = fields.Integer(required=True, metadata={"description": "The HTTP status."})
    message = fields.String(required=True, metadata={"description": "What is wrong and, where known, what to do."})
    details = fields.Dict(keys=fields.String(), metadata={"description": "What is wrong, by field."})


def refuse(status: int, message: str, details: dict[str, Any] | None = None) -> NoReturn:
    """End the request with this error."""
    abort(status, message=message, details=details)


def there(found: T | None, session_id: object) -> T:
    """What was found of a session; 404 where there is none."""
    if found is None:
        refuse(HTTPStatus.NOT_FOUND, f"there is no session {session_id}")
    return found


def refuse_fields(details: dict[str, Any]) -> NoReturn:
    """End the request with a 422 that names the fields."""
    refuse(HTTPStatus.UNPROCESSABLE_ENTITY, _summary(details), details)


def register(app: Flask) -> None:
    app.register_error_handler(HTTPException, from_http)
    app.register_error_handler(Conflict, lambda error: _answer(HTTPStatus.CONFLICT, str(error)))
    error_type: type[Exception]
    for error_type in (Unavailable, OllamaError):
        app.register_error_handler(error_type, lambda error: _answer(HTTPStatus.SERVICE_UNAVAILABLE, str(error)))
    app.register_error_handler(RemoteProtocolError, lambda error: _answer(HTTPStatus.BAD_REQUEST, str(error)))
    for error_type in BROKEN_BODY:
        app.register_error_handler(error_type, lambda error: _answer(*judged(error)))
    for error_type in REDIS_AWAY:
        app.register_error_handler(error_type, lambda error: _away("Redis", error))
    for error_type in DATABASE_AWAY:
        app.register_error_handler(error_type, lambda error: _away("the database", error))


def from_http(error: HTTPException) -> Response:
    """The error as JSON; headers such as Allow stay."""
    data = getattr(error, "data", None) or {}
    details = data.get("details") or _details(data.get("messages"))
    message = data.get("message") or (_summary(details) if details else _message(error))
    response = flask.make_response(error.get_response())
    response.set_data(flask.json.dumps(_body(response.status_code, message, details)))
    response.content_type = "application/json"
    return response


def _details(messages: Any) -> dict[str, Any]:  # noqa: ANN401 - marshmallow's messages are nested at will
    """What webargs collected as {location: {field: problems}}, by field; `body` is the whole of it."""
    fields_of = [(field, problems) for location in (messages or {}).values() for field, problems in location.items()]
    return {"body" if field == SCHEMA else field: problems for field, problems in fields_of}


def _summary(details: dict[str, Any]) -> str:
    return f"the request is not valid: {', '.join(map(str, details))}"


def _message(error: HTTPException) -> str:
    if isinstance(error, WebsocketMismatch):
        return "this address speaks WebSocket alone, or was asked for one that it does not speak"
    if error.code == HTTPStatus.INTERNAL_SERVER_ERROR:
        return "an error of ours; the log of the API has it"
    if error.code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return f"the body is too large; at most {flask.current_app.config['MAX_CONTENT_LENGTH']} bytes are read"
    return error.description or error.name


def _away(what: str, error: Exception) -> ResponseReturnValue:
    logger.warning("%s does not answer: %s", what, error)
    return _answer(HTTPStatus.SERVICE_UNAVAILABLE, f"{what} does not answer; try again later")


def _answer(status: int, message: str) -> ResponseReturnValue:
    return _body(status, message, None), status


def _body(status: int, message: str, details: dict[str, Any] | None) -> dict[str, Any]:
    return {"status": status, "message": message} | ({"details": details} if details else {})
