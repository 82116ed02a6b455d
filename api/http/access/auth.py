"""Authentication by a key, which is required if keys are configured, except for public pages.

A key allows all requests, and a read-only key those that change nothing. The settings have digests of the keys.
"""

import base64
import binascii
import hmac
from http import HTTPStatus

from flask import Response, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import MethodNotAllowed

from api.http.access.cross_site import SAFE_METHODS
from api.http.responses.errors import refuse
from api.http.settings import settings
from common.environment.keys.api_keys import HASH_PREFIX, digest

HEADER = "X-API-Key"
BEARER = "Bearer"
"""The scheme of the header Authorization, for clients that cannot send the other header."""
CHALLENGE = WWWAuthenticate(BEARER.lower(), {"realm": "Gait"})
SUBPROTOCOL = "gait.key."
"""Prefix of a subprotocol with the key in URL-safe base64 without padding.

Browsers cannot set headers on a WebSocket, so they offer the subprotocols `gait` and this one.
"""

PUBLIC = {"health", "docs", "api-docs", "assets", "pages"}
"""Blueprints that need no key. Pages without a key show a form for it."""

OWNER_DIGITS = 16


def require_key() -> None:
    """Refuse a request without a valid key (401), or a change with a read-only key (403)."""
    if request.blueprint in PUBLIC or _has_wrong_method():
        return
    if not may_read():
        refuse(HTTPStatus.UNAUTHORIZED, f"A valid key is needed in the header {HEADER}, or as Authorization: {BEARER}.")
    if request.method not in SAFE_METHODS and not may_change():
        refuse(HTTPStatus.FORBIDDEN, "This key is read-only. Use a key from API_KEYS to change something.")


def challenge(response: Response) -> Response:
    """Say how to send a key, as HTTP requires of 401. Browsers do not ask for a password because of this scheme."""
    if response.status_code == HTTPStatus.UNAUTHORIZED:
        response.www_authenticate = CHALLENGE
    return response


def may_read() -> bool:
    """Return whether the key is valid, or True if no keys are configured."""
    config = settings()
    return not config.needs_key or _is_one_of(config.api_keys + config.read_only_keys, _request_key())


def may_change() -> bool:
    return not settings().needs_key or _is_one_of(settings().api_keys, _request_key())


def owner() -> str | None:
    """Return the first digits of the key's digest, too few to be a secret, or None without a valid key."""
    key = _request_key()
    known = _is_one_of(settings().api_keys + settings().read_only_keys, key)
    return digest(key).removeprefix(HASH_PREFIX)[:OWNER_DIGITS] if known else None


def kind_of_key() -> str | None:
    """Return `full`, `read-only` or `rejected`, or None without a key or if none is needed."""
    config, key = settings(), _request_key()
    if not key or not config.needs_key:
        return None
    if _is_one_of(config.api_keys, key):
        return "full"
    return "read-only" if _is_one_of(config.read_only_keys, key) else "rejected"


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
    if header:
        return header.encode("latin-1")
    return _subprotocol_key(request.headers.get("Sec-WebSocket-Protocol")) or _bearer_token()


def _bearer_token() -> bytes:
    """Return the token, which may also be one that a proxy adds for itself, so that all other keys precede it."""
    scheme, _, token = request.headers.get("Authorization", "").strip().partition(" ")
    return token.strip().encode("latin-1") if scheme.lower() == BEARER.lower() else b""


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
