"""A request to a model that failed, as the error that says what happened and what to do."""

from collections.abc import Iterator
from contextlib import contextmanager

import requests

from common.errors import OllamaProtocolError, OllamaTimeout
from common.ollama.replies import expiry, failure
from common.timeouts import Expired, Limit, TimeLimits

SAID = {
    Limit.CONNECT: "took no connection, or no request, within {} s: see that the machine is on and not overwhelmed, "
    "and that no firewall is between",
    Limit.FIRST_BYTE: "sent nothing for {} s after a request: it loads the model, reads the prompt, works for others, "
    "or hangs, and its log tells which",
    Limit.SILENCE: "fell silent for {} s within an answer: it works for others, or hangs, and its log tells which",
    Limit.TOTAL: "had not ended its answer {} s after the request: ask for fewer tokens, or look into its log whether "
    "it does anything at all",
}


@contextmanager
def understood(url: str, limits: TimeLimits) -> Iterator[None]:
    """Raises an OllamaError for whatever goes wrong in between with a request to that server."""
    try:
        yield
    except requests.RequestException as error:
        late = expiry(error, Expired(Limit.CONNECT, limits.connect_s))
        if late:
            raise too_slow(url, late) from error
        raise failure(url, error) from error
    except ValueError as error:
        raise OllamaProtocolError(
            f"{url} gave no answer of an Ollama ({error}); is it one, and does nothing change it on its way?"
        ) from error


def too_slow(url: str, expired: Expired) -> OllamaTimeout:
    """What takes the whole time once takes it again, so that alone is not tried again."""
    advice = f"if it is only slow, raise {expired.limit}"
    said = f"Ollama at {url} {SAID[expired.limit].format(f'{expired.seconds:g}')}; {advice}"
    return OllamaTimeout(said, retry_helps=expired.limit != Limit.TOTAL)
