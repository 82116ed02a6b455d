"""Errors of requests to models, with cause and advice."""

from collections.abc import Iterator
from contextlib import contextmanager

import requests

from common.errors import OllamaTimeout
from common.ollama.replies import expired_limit, to_error, unexpected
from common.timeouts import Expired, Limit, TimeLimits

MESSAGES = {
    Limit.CONNECT: "accepted no connection or no request within {} s. Check that the machine is on and not overloaded, "
    "and that no firewall is in between",
    Limit.FIRST_BYTE: "sent nothing for {} s after a request. It may be loading the model, reading the prompt, serving "
    "other clients, or hanging. Check its log",
    Limit.SILENCE: "sent nothing for {} s within a response. It may be serving other clients, or hanging. Check its "
    "log",
    Limit.TOTAL: "had not finished its response {} s after the request. Request fewer tokens, or check its log",
}


@contextmanager
def understood(url: str, limits: TimeLimits) -> Iterator[None]:
    """Raise an OllamaError if a request to that server fails within the block."""
    try:
        yield
    except requests.RequestException as error:
        late = expired_limit(error, Expired(Limit.CONNECT, limits.connect_s))
        if late:
            raise too_slow(url, late) from error
        raise to_error(url, error) from error
    except ValueError as error:
        raise unexpected(url, error) from error


def too_slow(url: str, expired: Expired) -> OllamaTimeout:
    """Return the error for a time limit. A retry does not help after the total limit, which it would reach again."""
    failure = MESSAGES[expired.limit].format(f"{expired.seconds:g}")
    advice = f"If it is only slow, raise {expired.limit}."
    return OllamaTimeout(f"Ollama at {url} {failure}. {advice}", retry_helps=expired.limit != Limit.TOTAL)
