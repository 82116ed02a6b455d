"""Checks of a WebSocket's handshake before simple-websocket, which would raise an internal error for an invalid one.

Source: RFC 6455, section 4.2.1.
"""

import base64
import binascii
from http import HTTPStatus

from flask import request
from werkzeug.exceptions import HTTPException
from werkzeug.routing.exceptions import WebsocketMismatch

from api.http.responses.errors import refuse
from api.http.urls import plain_request_message

VERSION = "13"
KEY_BYTES = 16


class UpgradeRequired(HTTPException):
    code = HTTPStatus.UPGRADE_REQUIRED
    description = f"The header Sec-WebSocket-Version must be {VERSION}."

    def get_headers(self, *others: object) -> list[tuple[str, str]]:
        return [*super().get_headers(*others), ("Sec-WebSocket-Version", VERSION)]  # type: ignore[arg-type] # passed on


class PlainRequest(HTTPException):
    """A request without the headers of an upgrade to the URL of a WebSocket."""

    code = HTTPStatus.UPGRADE_REQUIRED

    def __init__(self) -> None:
        super().__init__()
        self.data = {"message": plain_request_message(), "details": {"host": request.host}}
        """The name that Gait was reached by, which a proxy may have changed."""

    def get_headers(self, *others: object) -> list[tuple[str, str]]:
        return [*super().get_headers(*others), ("Upgrade", "websocket")]  # type: ignore[arg-type] # passed on


def is_for_websocket() -> bool:
    """Return whether the URL is one of a WebSocket, with an upgrade or without."""
    return (request.url_rule is not None and request.url_rule.websocket) or _is_plain()


def refuse_plain() -> None:
    """Refuse a plain request to the URL of a WebSocket (426)."""
    if _is_plain():
        raise PlainRequest


def _is_plain() -> bool:
    upgrade, connection = (request.headers.get(name, "").lower() for name in ("Upgrade", "Connection"))
    is_upgrade = upgrade == "websocket" and "upgrade" in connection  # as in werkzeug's routing
    return isinstance(request.routing_exception, WebsocketMismatch) and not is_upgrade


def check() -> None:
    """Refuse an invalid handshake: 426 for another version, 400 for other errors."""
    if request.method != "GET" or request.environ.get("SERVER_PROTOCOL") == "HTTP/1.0":
        _refuse("A WebSocket must be opened by GET with HTTP/1.1.")
    if request.headers.get("Sec-WebSocket-Version") != VERSION:
        raise UpgradeRequired
    if not _is_key(request.headers.get("Sec-WebSocket-Key", "")):
        _refuse(f"The header Sec-WebSocket-Key must have {KEY_BYTES} bytes in base64.")
    if not request.headers.get("Host"):
        _refuse("The header Host is missing.")
    if not request.headers.get("Sec-WebSocket-Protocol", "").isascii():
        _refuse("The header Sec-WebSocket-Protocol must be ASCII.")


def _is_key(text: str) -> bool:
    try:
        return len(base64.b64decode(text, validate=True)) == KEY_BYTES
    except (binascii.Error, ValueError):  # ValueError: not ASCII
        return False


def _refuse(message: str) -> None:
    refuse(HTTPStatus.BAD_REQUEST, message)
