"""What came back over HTTP, or did not: refused, with advice, where it cannot be the answer of an Ollama."""

import json
import ssl
from collections.abc import Iterator
from http import HTTPStatus
from http.client import BadStatusLine, RemoteDisconnected
from typing import Any

import requests

from common.errors import OllamaError, OllamaHTTPError, OllamaProtocolError, OllamaTLSError, OllamaUnreachable
from common.timeouts import Expired

PIECE = 1 << 16
"""Bytes that are read at once at most: a server may announce a piece of any size."""
WHOLE_LIMIT = 1 << 23
"""Bytes of an answer that is not a stream. The longest in use, /api/show with a licence, takes some 100 kB."""
ERROR_LIMIT = 1 << 16
LONGEST_WORDS = 500

Json = dict[str, Any]


def words(said: object) -> str:
    """What a server says, fit for any log and database: printable, and no more than a person reads."""
    return "".join(letter if letter.isprintable() else " " for letter in str(said)[:LONGEST_WORDS])


def refuse(url: str, answer: requests.Response) -> None:
    """Raise an error unless the answer is JSON under status 200. Read no more of it than an error message needs.

    Raises:
        OllamaHTTPError: for any other status.
        OllamaProtocolError: for a content type that is not JSON.
    """
    if answer.status_code != HTTPStatus.OK:
        status, said = answer.status_code, _reason(answer)
        raise OllamaHTTPError(f"Ollama at {url} answered {status}: {said}{_advice(status, said)}", status)
    kind, coding = answer.headers.get("Content-Type", "json"), answer.headers.get("Content-Encoding", "identity")
    if "json" not in kind.lower() or coding != "identity":
        marked = f"content type {words(kind)}" + f", content encoding {words(coding)}" * (coding != "identity")
        raise OllamaProtocolError(f"this is no Ollama: {marked} from {url}; does a proxy stand before it?")


def whole(answer: requests.Response, limit: int = WHOLE_LIMIT) -> bytes:
    """The body, piece by piece. Raises ValueError for one of more bytes than `limit`, without reading on."""
    found = bytearray()
    for piece in answer.iter_content(PIECE):
        found += piece
        if len(found) > limit:
            raise ValueError(f"the answer is longer than {limit} bytes")
    return bytes(found)


def parsed(text: bytes) -> Json:
    """The JSON object that it is. Raises ValueError for anything else, with its beginning."""
    try:
        found = json.loads(text)
    except ValueError as error:
        raise ValueError(f"{text[:80]!r} is not valid JSON" if text else "it is empty") from error
    except RecursionError as error:
        raise ValueError(f"{text[:80]!r} is nested too deep") from error
    if not isinstance(found, dict):
        raise ValueError(f"{text[:80]!r} is no object")  # noqa: TRY004 - a wrong value, not a wrong call
    return found


def unexpected(url: str, reason: object) -> OllamaProtocolError:
    """Return the error for an answer that Ollama does not send."""
    return OllamaProtocolError(f"{url} sent an unexpected response: {reason}. Check the URL and any proxy in between.")


def failure(url: str, error: BaseException) -> OllamaError:
    """What it was that kept a request from its answer."""
    causes = list(_causes(error))
    if any(isinstance(cause, TimeoutError) for cause in causes):
        return OllamaUnreachable(f"Ollama at {url} does not answer in time; is it running there?")
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return OllamaProtocolError(f"Ollama at {url} cut its answer short; did it, or its runner, die? its log tells")
    for cause in causes:
        if isinstance(cause, ssl.SSLError) and not isinstance(cause, ssl.SSLEOFError):
            return OllamaTLSError(_untrusted(url, cause))
        if isinstance(cause, BadStatusLine) and not isinstance(cause, RemoteDisconnected):
            return OllamaProtocolError(
                f"{url} answered in no HTTP; is it an Ollama, or does it ask for https:// there?"
            )
    if any(isinstance(cause, ConnectionResetError | ssl.SSLEOFError) for cause in causes):
        return OllamaUnreachable(f"Ollama at {url} hung up before it answered; did it die or restart? its log tells")
    return OllamaUnreachable(f"Ollama at {url} cannot be reached; is it running there?")


def expiry(error: BaseException, connecting: Expired) -> Expired | None:
    """The limit of time that ended a request, if one did; a time-out of none of ours was that of `connecting`."""
    late = [cause for cause in _causes(error) if isinstance(cause, TimeoutError)]
    return next((cause for cause in late if isinstance(cause, Expired)), connecting if late else None)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _reason(answer: requests.Response) -> str:
    try:
        return words(parsed(whole(answer, ERROR_LIMIT))["error"])
    except (ValueError, KeyError, requests.RequestException):  # the status says enough
        return words(answer.reason or "no reason given")


def _advice(status: int, said: str) -> str:
    if status == HTTPStatus.NOT_FOUND:
        deleted = said.startswith("model ")
        return "; has it been deleted? pull it there and submit again" if deleted else "; is it an Ollama?"
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        return "; it has too much to do: ask for less at once, or start it with a larger OLLAMA_MAX_QUEUE"
    return "; its log tells why" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else ""


def _untrusted(url: str, error: ssl.SSLError) -> str:
    said = getattr(error, "verify_message", None) or error.reason or "no reason given"
    return (
        f"Ollama at {url} cannot be trusted under TLS ({words(said)}); it takes a certificate for that name from an "
        "authority that this machine trusts (SSL_CERT_FILE names your own), and http:// where nobody speaks TLS"
    )
