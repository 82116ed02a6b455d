"""Authentication by X-API-Key, which is required if keys are configured, except for public pages.

A key allows all requests, and a read-only key those that change nothing. The settings have digests of the keys.
"""

import base64
import binascii
import hmac
from http import HTTPStatus
from urllib.parse import urlsplit

from flask import request
from werkzeug.exceptions import MethodNotAllowed

from api.http.errors import refuse
from api.http.settings import settings
from common.environment.api_keys import HASH_PREFIX, digest

HEADER = "X-API-Key"
SUBPROTOCOL = "gait.key."
"""Prefix of a subprotocol with the key in URL-safe base64 without padding.

Browsers cannot set headers on a WebSocket, so they offer the subprotocols `gait` and this one.
"""

PUBLIC = {"health", "docs", "api-docs", "assets", "pages"}
"""Blueprints that need no key. Pages without a key show a form for it."""

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
OWNER_DIGITS = 16


def require_key() -> None:
    """Refuse a request without a valid key (401), or a change with a read-only key (403)."""
    if request.blueprint in PUBLIC or _has_wrong_method():
        return
    if not may_read():
        refuse(HTTPStatus.UNAUTHORIZED, f"A valid key is needed in the header {HEADER}.")
    if request.method not in SAFE_METHODS and not _may_change():
        refuse(HTTPStatus.FORBIDDEN, "This key is read-only. Use a key from API_KEYS to change something.")


def may_read() -> bool:
    """Return whether the key is valid, or True if no keys are configured."""
    full, read_only = settings().api_keys, settings().read_only_keys
    return not (full or read_only) or _is_one_of(full + read_only, _request_key())


def _may_change() -> bool:
    full, read_only = settings().api_keys, settings().read_only_keys
    return not (full or read_only) or _is_one_of(full, _request_key())


def refuse_other_sites() -> None:
    """Refuse a cross-site request (403) if no keys are configured.

    A browser sends WebSockets and changes without a body for any site, although it hides other responses from it.
    """
    origin, rule = request.headers.get("Origin"), request.url_rule
    if origin is None or settings().api_keys or settings().read_only_keys:
        return
    changes = request.method not in SAFE_METHODS or (rule is not None and rule.websocket)
    if changes and urlsplit(origin).netloc != request.host:
        message = f"Cross-site request from {origin} refused. Set API_KEYS to allow clients with a key."
        refuse(HTTPStatus.FORBIDDEN, message)


def owner() -> str | None:
    """Return the first digits of the key's digest, too few to be a secret, or None without a valid key."""
    key = _request_key()
    known = _is_one_of(settings().api_keys + settings().read_only_keys, key)
    return digest(key).removeprefix(HASH_PREFIX)[:OWNER_DIGITS] if known else None


def kind_of_key() -> str | None:
    """Return `full`, `read-only` or `rejected`, or None without a key or if none is needed."""
    full, read_only, key = settings().api_keys, settings().read_only_keys, _request_key()
    if not key or not (full or read_only):
        return None
    if _is_one_of(full, key):
        return "full"
    return "read-only" if _is_one_of(read_only, key) else "rejected"


def client() -> str:
    """Return the client that requests are counted for: the key's owner, or the address without a valid key."""
    return owner() or f"address {request.remote_addr}"


def _has_wrong_method() -> bool:
    """Return whether the response is 405, which needs no key: the methods of a route are not secret."""
    return isinstance(request.routing_exception, MethodNotAllowed)


def _is_one_of(keys: tuple[str, ...], key: bytes) -> bool:
    """Return whether the key's digest is one of `keys`, always in the same time, so that the time reveals nothing."""
    of_key = digest(key)
    return any([hmac.compare_digest(of_key, known) for known in keys])  # noqa: C419 - a generator would stop early


def _request_key() -> bytes:
    header = request.headers.get(HEADER)
    if header is not None:
        return header.encode("latin-1")
    return _subprotocol_key(request.headers.get("Sec-WebSocket-Protocol"))


def _subprotocol_key(protocols: str | None) -> bytes:
    for protocol in (protocols or "").split(","):
        _, found, encoded = protocol.strip().partition(SUBPROTOCOL)
        if found:
            return _decode(encoded)
    return b""


def _decode(encoded: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
    except (binascii.Error, ValueError):
        return b""
