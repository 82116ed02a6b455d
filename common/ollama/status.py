"""Checks of a response's status and content type, and errors with advice for each status."""

from http import HTTPStatus
from urllib.parse import urljoin

import requests

from common.environment.servers.addresses import concealed
from common.errors import OllamaHTTPError, OllamaProtocolError
from common.ollama.replies import SEE_LOG, parse_object, printable, read_body

MAX_ERROR_BYTES = 1 << 16
CHECK_URL = "Check the URL and any proxy in between."
NOT_FOUND = "Check that this is an Ollama."
OVERLOADED = "It is overloaded. Use fewer parallel requests, or start it with a larger OLLAMA_MAX_QUEUE."
TIMED_OUT = (
    "Ollama behind it did not answer in time. Raise the proxy's time-out (nginx: proxy_read_timeout) to "
    "FIRST_BYTE_TIMEOUT."
)
FORBIDDEN = (
    "If a proxy is in between, let it allow this machine. An Ollama that listens on its loopback address alone refuses "
    "other names: start it with OLLAMA_HOST=0.0.0.0, or let the proxy send `Host: localhost`."
)
OWN: dict[int, str] = {
    HTTPStatus.FORBIDDEN: FORBIDDEN,
    HTTPStatus.NOT_FOUND: NOT_FOUND,
    HTTPStatus.SERVICE_UNAVAILABLE: OVERLOADED,
}
"""Advice on errors that Ollama itself reports."""
FOREIGN: dict[int, str] = {
    HTTPStatus.BAD_REQUEST: "Check the URL, and whether it needs https://.",
    HTTPStatus.FORBIDDEN: FORBIDDEN,
    HTTPStatus.NOT_FOUND: NOT_FOUND,
    HTTPStatus.REQUEST_TIMEOUT: TIMED_OUT,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "Raise the proxy's limit for bodies (nginx: client_max_body_size).",
    HTTPStatus.TOO_MANY_REQUESTS: "It limits the rate of requests. Let it allow this machine more.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Its log, or that of a proxy in between, has the cause.",
    HTTPStatus.BAD_GATEWAY: "Check that Ollama runs behind it, and where the proxy expects it.",
    HTTPStatus.SERVICE_UNAVAILABLE: "Check that Ollama runs behind it.",
    HTTPStatus.GATEWAY_TIMEOUT: TIMED_OUT,
    524: TIMED_OUT,  # Cloudflare's
}
"""Advice on a status without an error of Ollama's, by which a proxy or another program answers."""
PROXY_STATUS = (401, 407, 413, 429, *range(502, 600))
"""Without an error of Ollama's, only a proxy answers these. Ollama itself answers 403 and 404 without an error."""


def check(url: str, response: requests.Response) -> None:
    """Raise an error unless the response is JSON with status 200, reading only what the error message needs.

    Raises:
        OllamaHTTPError: for any other status.
        OllamaProtocolError: for a content type other than JSON.
    """
    if response.status_code != HTTPStatus.OK:
        raise _http_error(url, response)
    kind, coding = response.headers.get("Content-Type", "json"), response.headers.get("Content-Encoding", "identity")
    if "json" not in kind.lower() or coding != "identity":
        found = f"content type {printable(kind)}" + f", content encoding {printable(coding)}" * (coding != "identity")
        raise OllamaProtocolError(f"{url} is not an Ollama: {found}. {CHECK_URL}")


def _http_error(url: str, response: requests.Response) -> OllamaHTTPError:
    status, own = response.status_code, _own_reason(response)
    reason = own or printable(response.reason or "no reason given")
    server = "A proxy" if own is None and status in PROXY_STATUS else "Ollama"
    advice = _advice(response, own)
    return OllamaHTTPError(f"{server} at {url} answered {status}: {reason}" + (f". {advice}" if advice else ""), status)


def _own_reason(response: requests.Response) -> str | None:
    """Return the error that Ollama itself reports, or None if the response is another program's."""
    try:
        return printable(parse_object(read_body(response, MAX_ERROR_BYTES))["error"])
    except (ValueError, KeyError, requests.RequestException):  # the status is enough
        return None


def _advice(response: requests.Response, own: str | None) -> str:
    status = response.status_code
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.PROXY_AUTHENTICATION_REQUIRED):
        return _advice_on_credentials(response)
    if response.is_redirect:
        return _advice_on_redirect(response)
    if own is None:
        return FOREIGN.get(status, CHECK_URL)
    if status == HTTPStatus.NOT_FOUND and own.startswith("model "):
        return "Pull the model on that host, and submit again."
    return OWN.get(status, SEE_LOG if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "")


def _advice_on_credentials(response: requests.Response) -> str:
    schemes = response.headers.get("WWW-Authenticate", "Basic").lower()
    if "basic" not in schemes:
        return "It does not accept a user and password (Basic), and Gait can send nothing else. Configure its proxy."
    if "Authorization" in response.request.headers:
        return "It refuses the user and password in OLLAMA_HOSTS. Correct them there."
    return "It needs a user and password. Write http://USER:PASSWORD@host in OLLAMA_HOSTS."


def _advice_on_redirect(response: requests.Response) -> str:
    """Name the address to write into the settings: without the path of the request."""
    target = urljoin(response.url, response.headers["Location"]).removesuffix(response.request.path_url)
    return f"It redirects to {printable(concealed(target))}. Write the address that Ollama has there in OLLAMA_HOSTS."
