"""Waiting for a condition instead of a fixed time."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

DEADLINE_S = 60
POLL_S = 0.02


def until(look: Callable[[], T | None], what: str, seconds: float = DEADLINE_S) -> T:
    """Call `look` until it returns something true, and return that. `what` names the condition in a failure."""
    end = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < end, f"timed out after {seconds} s while waiting for {what}"
        time.sleep(POLL_S)
    return found
