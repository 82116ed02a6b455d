"""Waiting for a condition, never for a time."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

DEADLINE_S = 60
POLL_S = 0.02


def until(look: Callable[[], T | None], what: str, seconds: float = DEADLINE_S) -> T:
    """The first true thing that `look` returns; `what` is what a failure says was waited for."""
    end = time.monotonic() + seconds
    while not (seen := look()):
        assert time.monotonic() < end, f"not seen within {seconds} s: {what}"
        time.sleep(POLL_S)
    return seen
