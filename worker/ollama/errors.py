"""Translation of failed requests to models into errors that say what happened and what to do."""

from collections.abc import Iterator
from contextlib import contextmanager

import requests

from common.environment.timeouts import Expired, Limit, TimeLimits
from common.errors import OllamaTimeout
from common.ollama.replies import expired_limit, to_error, unexpected

TIMEOUTS = {
    Limit.CONNECT: "accepted no connection or no request within {} s. Check that the machine is on and not overloaded, "
    "and that no firewall is in between",
    Limit.FIRST_BYTE: "sent nothing for {} s after a request. It loads the model, reads the prompt, serves others or "
    "hangs: see its log",
    Limit.SILENCE: "sent nothing for {} s within an answer. It serves others or hangs: see its log",
    Limit.TOTAL: "did not finish its answer within {} s of the request. Ask for fewer tokens, or check its log for "
    "progress",
}


@contextmanager
def translated_errors(url: str, limits: TimeLimits) -> Iterator[None]:
    """Raise an OllamaError for any failure of a request to the server at `url` within the context."""
    try:
        yield
    except requests.RequestException as error:
        expired = expired_limit(error, Expired(Limit.CONNECT, limits.connect_s))
        if expired:
            raise timed_out(url, expired) from error
        raise to_error(url, error) from error
    except ValueError as error:
        raise unexpected(url, error) from error


def timed_out(url: str, expired: Expired) -> OllamaTimeout:
    """Return the error for an exceeded time limit. An exceeded total is not retried: it would be exceeded again."""
    failure_and_cause = TIMEOUTS[expired.limit].format(f"{expired.seconds:g}")
    message = f"Ollama at {url} {failure_and_cause}. If it is only slow, raise {expired.limit}."
    return OllamaTimeout(message, retry_helps=expired.limit != Limit.TOTAL)
