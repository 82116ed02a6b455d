"""Requests of scripts from other sites, which ALLOWED_ORIGINS allows (CORS).

Source: https://fetch.spec.whatwg.org/#http-cors-protocol. No cookie holds a key, so credentials are never allowed.
"""

import re
from http import HTTPStatus
from typing import NoReturn
from urllib.parse import SplitResult, urlsplit

from flask import Flask, Response, request
from flask_cors import CORS

from api.http.responses.errors import refuse
from api.http.settings import settings
from common.environment.exposure import ANY
from common.environment.servers.addresses import PORTS
from common.environment.settings import Settings

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
READ_HEADERS = ["Allow", "Content-Disposition", "Location", "Retry-After", "X-Request-ID"]
NO_SITE = "null"
"""The origin of files and of sandboxed frames."""
MAX_AGE_S = 600
"""How long a browser remembers the answer to a preflight request."""


def register(app: Flask, config: Settings) -> None:
    """Answer preflight requests, which have no key, and add the headers of CORS to all responses for allowed sites."""
    app.before_request(_answer_preflight)
    if not config.allowed_origins:
        return
    every = ANY in config.allowed_origins
    patterns = [re.compile(rf"{re.escape(origin)}\Z", re.IGNORECASE) for origin in config.allowed_origins]
    CORS(
        app,
        origins=ANY if every else patterns,
        send_wildcard=every,
        expose_headers=READ_HEADERS,
        max_age=MAX_AGE_S,
        allow_private_network=True,
        intercept_exceptions=False,  # all errors are handled, and pass the functions after requests
    )


def refuse_other_sites() -> None:
    """Refuse what a browser sends for any site (403): WebSockets, and without keys also changes without a body.

    A key authorises a WebSocket by itself, unless ALLOWED_ORIGINS names the sites.
    """
    origin, rule, config = request.headers.get("Origin"), request.url_rule, settings()
    is_socket = rule is not None and rule.websocket
    is_checked = is_socket or request.method not in SAFE_METHODS
    if config.needs_key:
        is_checked = is_socket and bool(config.allowed_origins)
    if origin is None or not is_checked or _is_own(origin) or _is_allowed(origin):
        return
    _refuse(origin)


def _refuse(origin: str) -> NoReturn:
    advice = (
        "It is a file or a sandboxed frame, which could be anybody's. Serve the page by a web server, and set "
        "ALLOWED_ORIGINS to allow that."
        if origin == NO_SITE
        else f"If {origin} is this Gait, its proxy must pass on the header Host. If it is another site, set "
        "ALLOWED_ORIGINS to allow it."
    )
    cause = f"because this Gait was reached as {request.host}"
    refuse(HTTPStatus.FORBIDDEN, f"Cross-site request from {origin} refused, {cause}. {advice}")


def _answer_preflight() -> Response | None:
    """Answer for every URL, so that the script can read errors such as 404 in the response to its own request.

    For other sites the answer says what is missing, because their developers see no other.
    """
    origin = request.headers.get("Origin", "")
    if request.method != "OPTIONS" or "Access-Control-Request-Method" not in request.headers:
        return None
    if _is_allowed(origin):
        return Response(status=HTTPStatus.NO_CONTENT)
    return None if _is_own(origin) else _refuse(origin)


def _is_allowed(origin: str) -> bool:
    allowed = settings().allowed_origins
    return ANY in allowed or origin.lower() in allowed


def _is_own(origin: str) -> bool:
    try:
        site = urlsplit(origin)
        here = urlsplit(f"//{request.host}")
        return bool(site.hostname) and _place(site, site.scheme) == _place(here, site.scheme)
    except ValueError:  # for example a port that is not a number
        return False


def _place(url: SplitResult, scheme: str) -> tuple[str | None, int | None]:
    """Return name and port. The scheme of `origin` decides on the default, because a proxy may hide TLS."""
    return url.hostname, url.port or PORTS.get(scheme)
