"""The errors of Gait. `retry_helps` says whether another attempt may succeed.

GaitError
├── ConfigurationError       the environment is wrong, and the process does not start
├── Unavailable              Redis, the database or the queue does not respond
├── Conflict                 the request contradicts the stored state
│   └── KeyReused            an idempotency key came with another body
├── UnreadableRecord         a stored record has another shape, or is not valid JSON
├── ClaimLost                another worker runs this session now
├── ShutdownRequested        this worker was asked to stop, and another one goes on with the session
├── TestFailure              a test cannot be measured; the message gives the cause and the action
└── OllamaError              a request to an Ollama server failed
    ├── OllamaUnreachable    no connection, or no response in time
    │   └── OllamaTimeout    one of the configurable time limits was reached
    ├── OllamaTLSError       the certificate is not trusted
    ├── OllamaHTTPError      an HTTP status other than 200
    ├── OllamaBusy           a model stays in memory although it was to be unloaded
    └── OllamaProtocolError  the response is invalid: cut short, an error line, or not an Ollama's
"""

from http import HTTPStatus

PASSING = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)
"""Statuses below 500 that a proxy answers for a while."""


class GaitError(Exception):
    retry_helps = False


class ConfigurationError(GaitError):
    pass


class Unavailable(GaitError):
    retry_helps = True


class Conflict(GaitError):
    pass


class KeyReused(Conflict):
    """An idempotency key came with another body."""

    def __init__(self, key: str | None) -> None:
        super().__init__(f"Idempotency-Key {key!r} was used with another body. Choose another key for this one.")


class UnreadableRecord(GaitError):
    pass


class ClaimLost(GaitError):
    pass


class ShutdownRequested(GaitError):
    pass


class TestFailure(GaitError):
    pass


class OllamaError(GaitError):
    pass


class OllamaUnreachable(OllamaError):
    retry_helps = True


class OllamaTimeout(OllamaUnreachable):
    def __init__(self, message: str, *, retry_helps: bool) -> None:
        super().__init__(message)
        self.retry_helps = retry_helps


class OllamaTLSError(OllamaError):
    pass


class OllamaHTTPError(OllamaError):
    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status
        # 503 means a full queue and 500 a crashed runner, so a retry may help. 400 and 404 do not change.
        self.retry_helps = status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in PASSING


class OllamaBusy(OllamaError):
    pass


class OllamaProtocolError(OllamaError):
    retry_helps = True
