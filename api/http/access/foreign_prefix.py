"""Advice for a proxy that passes on a path of its own, which nginx does unless `proxy_pass` ends with a slash."""

from http import HTTPStatus

from flask import current_app, request
from werkzeug.exceptions import NotFound

from api.http.responses.errors import refuse


def refuse_foreign_prefix() -> None:
    """Refuse a URL of Gait's below an unknown path (404), and say how to make the path known.

    Browsers get it before they are asked for a key, because a page would not find its scripts. Routes are not secret.
    """
    if not isinstance(request.routing_exception, NotFound):
        return
    prefix = _prefix(request.path)
    if prefix:
        refuse(
            HTTPStatus.NOT_FOUND,
            f"{request.path} does not exist, but {request.path.removeprefix(prefix)} does. If {prefix} is the path of "
            f"a proxy, let the proxy remove it and send X-Forwarded-Prefix, or set GAIT_SCRIPT_NAME={prefix}.",
        )


def _prefix(path: str) -> str | None:
    """Return the beginning of a path before one that exists."""
    routes = current_app.url_map.bind("")
    slashes = (place for place, character in enumerate(path) if character == "/" and place)
    return next((path[:place] for place in slashes if routes.test(path[place:], "GET")), None)
