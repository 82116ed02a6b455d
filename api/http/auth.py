"""X-API-Key: required wherever keys are set, except on the pages that say how to use it.

A key opens everything; a read-only one whatever changes nothing. The settings may hold digests instead of keys.
"""

import base64
import binascii
import hashlib
import hmac
from functools import cache
from http import HTTPStatus
from urllib.parse import urlsplit

from flask import request
from werkzeug.exceptions import MethodNotAllowed

from api.http.errors import refuse
from api.http.settings import settings
from common.config import HASH_PREFIX

HEADER = "X-API-Key"
SUBPROTOCOL = "gait.key."
"""Browsers cannot set headers on a WebSocket: they offer the subprotocols `gait` and this with the key behind it, in
URL-safe base64 without padding.
"""

PUBLIC = {"health", "docs", "api-docs", "assets", "pages"}
"""The blueprints that answer without a key; pages without one answer with a form for it."""

READS = {"GET", "HEAD", "OPTIONS"}
OWNER_DIGITS = 16


def require_key() -> None:
    """401 without a key that is known, 403 where a read-only one would change something."""
    if request.blueprint in PUBLIC or _is_answered_with_405():
        return
    if not may_read():
        refuse(HTTPStatus.UNAUTHORIZED, f"a valid key is needed in the header {HEADER}")
    if request.method not in READS and not _may_change():
        refuse(HTTPStatus.FORBIDDEN, "this key is for reading alone; another one is needed to change something")


def may_read() -> bool:
    """Whether the request's key, or that there are none, lets it see what is here."""
    full, read_only = settings().api_keys, settings().read_only_keys
    return not (full or read_only) or _is_one_of(full + read_only, _given())


def _may_change() -> bool:
    full, read_only = settings().api_keys, settings().read_only_keys
    return not (full or read_only) or _is_one_of(full, _given())


def refuse_other_sites() -> None:
    """403 where no key is needed and a browser says that another site's page asks. Neither a WebSocket nor a request
    that changes something without a body needs that site to be allowed to, as it would be for reading an answer.
    """
    origin, rule = request.headers.get("Origin"), request.url_rule
    if origin is None or settings().api_keys or settings().read_only_keys:
        return
    changes = request.method not in READS or (rule is not None and rule.websocket)
    if changes and urlsplit(origin).netloc != request.host:
        refuse(HTTPStatus.FORBIDDEN, f"pages of {origin} may not do this here; set API_KEYS to let in who has a key")


def owner() -> str | None:
    """Whose request this is: the head of its key's digest, so short that it opens nothing. None without a known key."""
    given = _given()
    known = _is_one_of(settings().api_keys + settings().read_only_keys, given)
    return _digest(given).removeprefix(HASH_PREFIX)[:OWNER_DIGITS] if known else None


def client() -> str:
    """Who asks, for counting: whose key it is, or the address where there is no known one."""
    return owner() or f"address {request.remote_addr}"


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
    return key if key.startswith(HASH_PREFIX) else _digest(key.encode())


def _digest(key: bytes) -> str:
    return HASH_PREFIX + hashlib.sha256(key).hexdigest()


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
