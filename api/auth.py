"""X-API-Key: required wherever keys are set, except on the pages that say how to use it."""

import base64
import binascii
import hmac
from http import HTTPStatus

from flask import request

from api.context import settings
from api.errors import refuse

HEADER = "X-API-Key"
SUBPROTOCOL = "gait.key."
"""Browsers cannot set headers on a WebSocket: they offer the subprotocols `gait` and this with the key behind it, in
URL-safe base64 without padding.
"""

PUBLIC = {"health", "docs", "swagger_ui", "api-docs"}
"""The blueprints that answer without a key."""


def require_key() -> None:
    keys = settings().api_keys
    if not keys or request.blueprint in PUBLIC:
        return
    given = _given()
    # Each key is compared, in constant time, so that the time taken tells nothing.
    if not any([hmac.compare_digest(given, key.encode()) for key in keys]):  # noqa: C419 - a generator would stop early
        refuse(HTTPStatus.UNAUTHORIZED, f"a valid key is needed in the header {HEADER}")


def _given() -> bytes:
    header = request.headers.get(HEADER)
    return header.encode("latin-1") if header is not None else _offered(request.headers.get("Sec-WebSocket-Protocol"))


def _offered(protocols: str | None) -> bytes:
    for protocol in (protocols or "").split(","):
        _, found, encoded = protocol.strip().partition(SUBPROTOCOL)
        if found:
            return _decoded(encoded)
    return b""


def _decoded(encoded: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
    except (binascii.Error, ValueError):
        return b""
