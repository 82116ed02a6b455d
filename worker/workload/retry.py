"""Trying again what may pass: a server's error that a moment later is gone."""

import time
from collections.abc import Callable
from typing import TypeVar

from common.errors import OllamaError

TRIES_AGAIN = 3
BACKOFF_S = 1.0

Result = TypeVar("Result")


def patiently(step: Callable[[], Result], log: Callable[[str], None]) -> Result:
    """Take the step, and again up to three times where an error may pass; each is logged.

    Raises:
        OllamaError: the last one.
    """
    for failures in range(TRIES_AGAIN):
        try:
            return step()
        except OllamaError as error:
            if not error.retry_helps:
                raise
            log(f"tried again: {error}")
            pause(failures)
    return step()


def pause(failures: int) -> None:
    """Longer with each failure before."""
    time.sleep(BACKOFF_S * 2**failures)
