"""Reads of HTTP responses, and errors with advice for responses that are not an Ollama's or never came."""

import socket
import ssl
from collections.abc import Iterator
from http.client import BadStatusLine, RemoteDisconnected

import requests

from common.environment.timeouts import Expired
from common.errors import OllamaError, OllamaProtocolError, OllamaTLSError, OllamaUnreachable
from common.values.bounded_json import TooDeep, parse_json
from common.values.free_json import Json

CHUNK_BYTES = 1 << 16
"""Largest number of bytes read at once, because a server may announce a chunk of any size."""
MAX_BODY_BYTES = 1 << 23
"""Limit of a response that is not a stream. The longest one, /api/show with a licence, has about 100 kB."""
MAX_TEXT_LENGTH = 500
CHECK_RUNNING = "Check that it is running and that OLLAMA_HOSTS names it."
CHECK_NAME = "Check the name in OLLAMA_HOSTS, and DNS on this machine."
SEE_LOG = "Its log has the cause."


def printable(text: object) -> str:
    """Return a server's text for logs and the database: printable, and cut to MAX_TEXT_LENGTH."""
    return "".join(letter if letter.isprintable() else " " for letter in str(text)[:MAX_TEXT_LENGTH])


def read_body(response: requests.Response, limit: int = MAX_BODY_BYTES) -> bytes:
    """Return the body.

    Raises:
        ValueError: as soon as it is longer than `limit` bytes.
    """
    body = bytearray()
    for chunk in response.iter_content(CHUNK_BYTES):
        body += chunk
        if len(body) > limit:
            raise ValueError(f"it is longer than {limit} bytes")
    return bytes(body)


def parse_object(text: bytes) -> Json:
    """Return the JSON object in the text.

    Raises:
        ValueError: if the text is not a JSON object. It does not quote the text, which may be an answer.
    """
    try:
        found = parse_json(text)
    except TooDeep as error:
        raise ValueError(f"{_outline(text)} is nested too deeply") from error
    except ValueError as error:
        raise ValueError(f"{_outline(text)} is not valid JSON" if text else "it is empty") from error
    if not isinstance(found, dict):
        raise ValueError(f"{_outline(text)} is not a JSON object")  # noqa: TRY004 - a wrong value, not a wrong call
    return found


def _outline(text: bytes) -> str:
    """Return the size and the first character of a text, which shows a page of HTML."""
    return f"text of {len(text)} bytes that begins with {chr(text[0])!r}"


def to_error(url: str, error: BaseException) -> OllamaError:
    """Return the OllamaError for a request that failed with `error`."""
    causes = list(_causes(error))
    if any(isinstance(cause, TimeoutError) for cause in causes):
        return no_response(url)
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return OllamaProtocolError(
            f"Ollama at {url} cut its response short. It or its runner may have crashed. {SEE_LOG}"
        )
    for cause in causes:
        if isinstance(cause, ssl.SSLError) and not isinstance(cause, ssl.SSLEOFError):
            return OllamaTLSError(_untrusted(url, cause))
        if isinstance(cause, BadStatusLine) and not isinstance(cause, RemoteDisconnected):
            return OllamaProtocolError(
                f"{url} did not answer in HTTP. Check that it is an Ollama, and whether it needs https://."
            )
    if any(isinstance(cause, ConnectionResetError | ssl.SSLEOFError) for cause in causes):
        return OllamaUnreachable(
            f"Ollama at {url} closed the connection before it answered. It may have crashed or restarted. {SEE_LOG}"
        )
    unknown = any(isinstance(cause, socket.gaierror) for cause in causes)
    problem = f": its name has no address in DNS. {CHECK_NAME}" if unknown else f". {CHECK_RUNNING}"
    return OllamaUnreachable(f"Ollama at {url} cannot be reached{problem}")


def no_response(url: str) -> OllamaUnreachable:
    """Return the error for a server that did not answer in time."""
    return OllamaUnreachable(f"Ollama at {url} did not answer in time. {CHECK_RUNNING}")


def unexpected(url: str, cause: object) -> OllamaProtocolError:
    """Return the error for a response that cannot be an Ollama's."""
    return OllamaProtocolError(f"{url} sent an unexpected response: {cause}. Check the URL and any proxy in between.")


def expired_limit(error: BaseException, connecting: Expired) -> Expired | None:
    """Return the time limit that ended a request, if one did. A timeout of another kind is that of `connecting`."""
    timeouts = [cause for cause in _causes(error) if isinstance(cause, TimeoutError)]
    return next((cause for cause in timeouts if isinstance(cause, Expired)), connecting if timeouts else None)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _untrusted(url: str, error: ssl.SSLError) -> str:
    reason = getattr(error, "verify_message", None) or error.reason or "no reason given"
    return (
        f"Ollama at {url} is not trusted under TLS ({printable(reason)}). Use a certificate for that name from an "
        "authority that this machine trusts (SSL_CERT_FILE can name your own), or http:// if the server has no TLS."
    )
