"""How long a server may take over a request, in four ways, and the clock that holds it to that."""

import time
from dataclasses import dataclass
from enum import StrEnum

LEAST_S = 1e-3
"""A wait of 0 would mean none, or for ever."""


class Limit(StrEnum):
    """Each by the setting that moves it."""

    CONNECT = "CONNECT_TIMEOUT"
    FIRST_BYTE = "FIRST_BYTE_TIMEOUT"
    SILENCE = "SILENCE_TIMEOUT"
    TOTAL = "REQUEST_TIMEOUT"


@dataclass(frozen=True)
class TimeLimits:
    """Seconds: until a connection is there, from a request to the first byte of its answer, between two pieces of the
    answer, and from the request to the answer's end. Generous for processors alone: a large model is loaded and a long
    prompt read before the first byte; a piece may wait for a part of another's prompt.
    """

    connect_s: float = 5.0
    first_byte_s: float = 600.0
    silence_s: float = 120.0
    total_s: float = 3600.0


class Expired(TimeoutError):
    """A limit was reached, after so many seconds."""

    def __init__(self, limit: Limit, seconds: float) -> None:
        super().__init__(f"timed out: {limit}")
        self.limit = limit
        self.seconds = seconds


class Countdown:
    """Of one request, from its `start`, on a clock that nobody can set. Tell it when a piece was `heard`."""

    def __init__(self, limits: TimeLimits) -> None:
        self.limits = limits
        self.start()

    def start(self) -> None:
        self._end = time.monotonic() + self.limits.total_s
        self._heard = False

    def heard(self) -> None:
        self._heard = True

    def left_s(self) -> float:
        """How long the next piece may take: the same each time until the whole is nearly spent."""
        return max(LEAST_S, min(self._patience_s(), self._end - time.monotonic()))

    def expired(self) -> Expired:
        """Which limit it was that has just been waited out."""
        if time.monotonic() >= self._end:
            return Expired(Limit.TOTAL, self.limits.total_s)
        return Expired(Limit.SILENCE if self._heard else Limit.FIRST_BYTE, self._patience_s())

    def _patience_s(self) -> float:
        return self.limits.silence_s if self._heard else self.limits.first_byte_s
