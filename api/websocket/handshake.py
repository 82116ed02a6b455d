"""What opens a WebSocket, looked at before simple-websocket does, to which a wrong one is an error of ours.

Source: RFC 6455, section 4.2.1.
"""

import base64
import binascii
from http import HTTPStatus

from flask import request
from werkzeug.exceptions import HTTPException

from api.http.errors import refuse

VERSION = "13"
KEY_BYTES = 16


class UpgradeRequired(HTTPException):
    code = HTTPStatus.UPGRADE_REQUIRED
    description = f"WebSockets are spoken here in version {VERSION}: Sec-WebSocket-Version"

    def get_headers(self, *others: object) -> list[tuple[str, str]]:
        return [*super().get_headers(*others), ("Sec-WebSocket-Version", VERSION)]  # type: ignore[arg-type] # passed on


def check() -> None:
    """Refuse a handshake that is none: 426 for another version, 400 for whatever else is wrong."""
    if request.method != "GET" or request.environ.get("SERVER_PROTOCOL") == "HTTP/1.0":
        _refuse("a WebSocket is opened by a GET of HTTP/1.1")
    if request.headers.get("Sec-WebSocket-Version") != VERSION:
        raise UpgradeRequired
    if not _is_key(request.headers.get("Sec-WebSocket-Key", "")):
        _refuse(f"Sec-WebSocket-Key must be {KEY_BYTES} bytes in base64")
    if not request.headers.get("Host"):
        _refuse("the header Host is missing")
    if not request.headers.get("Sec-WebSocket-Protocol", "").isascii():
        _refuse("Sec-WebSocket-Protocol must be ASCII")


def _is_key(text: str) -> bool:
    try:
        return len(base64.b64decode(text, validate=True)) == KEY_BYTES
    except (binascii.Error, ValueError):  # ValueError: no ASCII
        return False


def _refuse(message: str) -> None:
    refuse(HTTPStatus.BAD_REQUEST, message)
