"""Answers of a server: their documents, and what a failure means for the person at the terminal."""

from http import HTTPStatus
from typing import NoReturn

import requests

from cli.errors import CommandError, Refused, ServerUnavailable, WrongUsage
from cli.server.configuration import Connection
from common.values.free_json import Json

MAYBE_OLDER = "The server may be an older Gait than this command: its /docs page says what it can do."
HOW_TO_SET = "Set GAIT_URL to the address of a Gait, or start one here with `gait up`."
WAITING_PROXY = "If it is a proxy before Gait, check that Gait runs and that the proxy reaches it."
OF_PROXIES: dict[int, str] = {
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "If it is a proxy before Gait, let it take larger bodies, as by nginx's "
    "client_max_body_size.",
    HTTPStatus.BAD_GATEWAY: WAITING_PROXY,
    HTTPStatus.SERVICE_UNAVAILABLE: WAITING_PROXY,
    HTTPStatus.GATEWAY_TIMEOUT: "If it is a proxy before Gait, let it wait longer, as by nginx's proxy_read_timeout.",
}
"""What to do about answers that proxies give in their own words."""
HOW_TO_GIVE_KEY = "Set GAIT_API_KEY to a key, or store one with `gait config set-key`."


def document(response: requests.Response, server: Connection) -> Json:
    """Return the JSON of an answer.

    Raises:
        Refused: if the server does not do what was asked.
        ServerUnavailable: if the answer is not a Gait's, or Gait cannot work now.
    """
    check(response, server)
    if not response.content:
        return {}
    found = _json(response)
    if found is None:
        raise _not_gait(response, server)
    return found


def check(response: requests.Response, server: Connection) -> None:
    """Raise what `document` raises if the answer is not a success."""
    if response.is_redirect:
        target = response.headers["Location"]
        raise ServerUnavailable(f"{server.shown} leads on to {target}. Set GAIT_URL to the address of Gait itself.")
    if not response.ok:
        _refuse(response, server)


def _refuse(response: requests.Response, server: Connection) -> NoReturn:
    status = response.status_code
    content = _json(response)
    if status == HTTPStatus.UNAUTHORIZED:
        raise Refused(_wrong_key(server), status)
    if content is None or "message" not in content:
        raise _not_gait(response, server)
    message = "\n".join([str(content["message"]), *_problems(content.get("details") or {})])
    if status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise ServerUnavailable(f"{server.shown} cannot do this now: {message}")
    raise Refused(message + (f"\n{MAYBE_OLDER}" if _is_unknown_route(status, message) else ""), status)


def _wrong_key(server: Connection) -> str:
    if server.key is None:
        return f"{server.shown} needs a key, and none is set. {HOW_TO_GIVE_KEY}"
    return f"{server.shown} does not know the key from {server.key_from}. {HOW_TO_GIVE_KEY}"


def _problems(details: Json) -> list[str]:
    """Return a line for each wrong field, however deep it is."""
    lines = []
    for name, problems in details.items():
        if isinstance(problems, dict):
            lines += [f"{name}.{line.lstrip()}" for line in _problems(problems)]
        else:
            lines.append(f"{name}: {', '.join(map(str, problems)) if isinstance(problems, list) else problems}")
    return [f"  {line}" for line in lines]


def _is_unknown_route(status: int, message: str) -> bool:
    no_route = status == HTTPStatus.NOT_FOUND and " does not exist. The API is at " in message
    no_field = status == HTTPStatus.UNPROCESSABLE_ENTITY and "is unknown. Known are " in message
    return no_route or no_field or status == HTTPStatus.METHOD_NOT_ALLOWED


def _json(response: requests.Response) -> Json | None:
    """Return the answer's JSON object, None if it has none."""
    try:
        found = response.json()
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _not_gait(response: requests.Response, server: Connection) -> ServerUnavailable:
    kind = response.headers.get("Content-Type", "no type").partition(";")[0]
    answered = f"it answered {response.status_code} with {kind}"
    advice = OF_PROXIES.get(response.status_code, HOW_TO_SET)
    return ServerUnavailable(f"{server.shown} (from {server.url_from}) is not a Gait: {answered}. {advice}")


def unanswered(error: requests.RequestException, server: Connection) -> CommandError:
    """Return the error for a request that got no answer."""
    if isinstance(error, requests.exceptions.SSLError):
        cause = "its certificate is not trusted. Set REQUESTS_CA_BUNDLE to the file of its authority"
        return ServerUnavailable(f"{server.shown} cannot be reached: {cause}.")
    if isinstance(error, requests.Timeout):
        return ServerUnavailable(f"{server.shown} did not answer in time. Check that Gait runs there, and try again.")
    if isinstance(error, requests.ConnectionError):
        return ServerUnavailable(f"No Gait answers at {server.shown} (from {server.url_from}). {HOW_TO_SET}")
    return WrongUsage(f"{server.shown} cannot be requested: {error}. {HOW_TO_SET}")
