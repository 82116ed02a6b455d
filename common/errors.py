"""The errors of Gait, as a tree. Each says by `retry_helps` whether trying again may succeed.

GaitError
├── ConfigurationError      the environment is wrong; the process does not start
├── Unavailable             Redis, the database or the queue is away
├── Conflict                the request contradicts what is stored
├── ClaimLost               another worker has taken this session up
├── TestFailure             a test cannot be measured; the message says why and what to do
└── OllamaError             whatever goes wrong between us and an Ollama server
    ├── OllamaUnreachable   no connection, or no answer in time
    │   └── OllamaTimeout   one of the limits of time was reached, which can be set
    ├── OllamaTLSError     no connection that TLS would vouch for
    ├── OllamaHTTPError       an HTTP status of 400 or more
    └── OllamaProtocolError         the answer began and then failed: cut stream, error line, garbage
"""

from http import HTTPStatus


class GaitError(Exception):
    retry_helps = False


class ConfigurationError(GaitError):
    pass


class Unavailable(GaitError):
    retry_helps = True


class Conflict(GaitError):
    pass


class ClaimLost(GaitError):
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
        # 503 is a full queue, 500 a runner that died: both may pass. 400 and 404 stay what they are.
        self.retry_helps = status >= HTTPStatus.INTERNAL_SERVER_ERROR


class OllamaProtocolError(OllamaError):
    retry_helps = True
