"""The four time limits of a request, and the countdown that enforces them."""

import time
from dataclasses import dataclass
from enum import StrEnum

MIN_S = 1e-3
"""A timeout of 0 would mean no waiting, or no limit."""


class Limit(StrEnum):
    """The limits, by their settings."""

    CONNECT = "CONNECT_TIMEOUT"
    FIRST_BYTE = "FIRST_BYTE_TIMEOUT"
    SILENCE = "SILENCE_TIMEOUT"
    TOTAL = "REQUEST_TIMEOUT"


@dataclass(frozen=True)
class TimeLimits:
    """Limits in seconds: to connect, to the first byte of the response, between two chunks of it, and to its end.

    They are generous because on CPUs a large model is loaded and a long prompt read before the first byte. A chunk may
    also wait for a part of another request's prompt.
    """

    connect_s: float = 5.0
    first_byte_s: float = 600.0
    silence_s: float = 120.0
    total_s: float = 3600.0


class Expired(TimeoutError):
    """A limit was reached, after `seconds`."""

    def __init__(self, limit: Limit, seconds: float) -> None:
        super().__init__(f"timed out: {limit}")
        self.limit = limit
        self.seconds = seconds


class Countdown:
    """The remaining time of one request since `start`. Call `receive` for each chunk of its response."""

    def __init__(self, limits: TimeLimits) -> None:
        self.limits = limits
        self.start()

    def start(self) -> None:
        self._end = time.monotonic() + self.limits.total_s
        self._received = False

    def receive(self) -> None:
        self._received = True

    def remaining_s(self) -> float:
        """Return the timeout for the next chunk, which shrinks only when the total limit is near."""
        return max(MIN_S, min(self._chunk_limit_s(), self._end - time.monotonic()))

    def expired(self) -> Expired:
        """Return the limit that has just been reached."""
        if time.monotonic() >= self._end:
            return Expired(Limit.TOTAL, self.limits.total_s)
        return Expired(Limit.SILENCE if self._received else Limit.FIRST_BYTE, self._chunk_limit_s())

    def _chunk_limit_s(self) -> float:
        return self.limits.silence_s if self._received else self.limits.first_byte_s
