"""X-API-Key: required wherever keys are set, except on the pages that say how to use it.

A key opens everything; a read-only one whatever changes nothing. The settings may hold digests instead of keys.
"""

import base64
import binascii
import hashlib
import hmac
from functools import cache
from http import HTTPStatus

from flask import request
from werkzeug.exceptions import MethodNotAllowed

from api.context import settings
from api.errors import refuse
from common.config import HASHED

HEADER = "X-API-Key"
SUBPROTOCOL = "gait.key."
"""Browsers cannot set headers on a WebSocket: they offer the subprotocols `gait` and this with the key behind it, in
URL-safe base64 without padding.
"""

PUBLIC = {"health", "docs", "api-docs"}
"""The blueprints that answer without a key."""

READS = {"GET", "HEAD", "OPTIONS"}


def require_key() -> None:
    """401 without a key that is known, 403 where a read-only one would change something."""
    full, read_only = settings().api_keys, settings().read_only_keys
    if not (full or read_only) or request.blueprint in PUBLIC or _is_answered_with_405():
        return
    given = _given()
    # Both lists are looked through, whatever is found in the first.
    may_change, may_read = _is_one_of(full, given), _is_one_of(read_only, given)
    if may_change or (may_read and request.method in READS):
        return
    if may_read:
        refuse(HTTPStatus.FORBIDDEN, "this key is for reading alone; another one is needed to change something")
    refuse(HTTPStatus.UNAUTHORIZED, f"a valid key is needed in the header {HEADER}")


def _is_answered_with_405() -> bool:
    """Whatever the key, and on public pages there is none to ask for; which methods there are is no secret."""
    return isinstance(request.routing_exception, MethodNotAllowed)


def _is_one_of(keys: tuple[str, ...], given: bytes) -> bool:
    """Each key is compared, in constant time, so that the time taken tells nothing."""
    digest = _digest(given)
    return any([hmac.compare_digest(digest, _stored(key)) for key in keys])  # noqa: C419 - a generator would stop early


@cache
def _stored(key: str) -> str:
    """A key of the settings, or the digest that stands for it, as a digest."""
    return key if key.startswith(HASHED) else _digest(key.encode())


def _digest(key: bytes) -> str:
    return HASHED + hashlib.sha256(key).hexdigest()


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
