"""Advice for a proxy that passes on a path of its own, which nginx does unless `proxy_pass` ends with a slash."""

from http import HTTPStatus

from flask import current_app, request
from werkzeug.exceptions import NotFound

from api.http.responses.errors import refuse
from api.http.urls import BASE


def refuse_foreign_prefix() -> None:
    """Refuse a URL of Gait's below an unknown path (404), and say how to make the path known.

    Browsers get it before they are asked for a key, because a page would not find its scripts. Routes are not secret.
    """
    if not isinstance(request.routing_exception, NotFound):
        return
    prefix = _prefix(request.path)
    found = request.path.removeprefix(prefix)
    is_of_api = _is_of_api(prefix)
    if not prefix or (is_of_api and found == "/"):
        return
    advice = "" if is_of_api else _advice(prefix)
    refuse(HTTPStatus.NOT_FOUND, f"{request.path} does not exist, but {found} does.{advice}")


def _is_of_api(prefix: str) -> bool:
    """Return whether the path is the beginning of the API's own, as of a client that has its base URL twice."""
    return f"{BASE}/".startswith(f"{prefix}/")


def _advice(prefix: str) -> str:
    return (
        f" If {prefix} is the path of a proxy, let the proxy remove it and send X-Forwarded-Prefix, or set "
        f"GAIT_SCRIPT_NAME={prefix}."
    )


def _prefix(path: str) -> str:
    """Return the beginning of a path before one that exists, or an empty text."""
    routes = current_app.url_map.bind("")
    slashes = (place for place, character in enumerate(path) if character == "/" and place)
    return next((path[:place] for place in slashes if routes.test(path[place:], "GET")), "")
