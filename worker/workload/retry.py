"""Retries after an error of the server that may pass."""

from collections.abc import Callable
from time import sleep
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt, wait_exponential

from common.errors import OllamaError

MAX_RETRIES = 3
BACKOFF_S = 1.0
"""Wait before the first retry; it doubles with each further one."""

Result = TypeVar("Result")


def retry(step: Callable[[], Result], log: Callable[[str], None]) -> Result:
    """Take the step, and again up to MAX_RETRIES times after an error that may pass; log each retry.

    Raises:
        OllamaError: the last one.
    """

    def log_retry(state: RetryCallState) -> None:
        log(f"tried again: {state.outcome and state.outcome.exception()}")

    retrying = Retrying(
        retry=retry_if_exception(lambda error: isinstance(error, OllamaError) and error.retry_helps),
        stop=stop_after_attempt(1 + MAX_RETRIES),
        wait=wait_exponential(BACKOFF_S),
        sleep=sleep,
        before_sleep=log_retry,
        reraise=True,
    )
    return retrying(step)


def pause(failures: int) -> None:
    """Wait as `retry` does after one failure more than `failures`."""
    sleep(BACKOFF_S * 2**failures)
