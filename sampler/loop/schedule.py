"""The times of readings: ticks at a fixed rate, and values that are read less often."""

import math
import time
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

Clock = Callable[[], float]
T = TypeVar("T")

MAX_SLEEP_S = 0.25
"""Longest sleep in one piece, so that a stop is noticed within this time at any rate."""


def ticks(
    hz: float,
    stopped: Callable[[], bool],
    clock: Clock = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[int]:
    """Yield the number of each tick at its time, `number / hz` seconds after the start, until `stopped()`.

    Every tick's time counts from the start, so that delays do not add up. Ticks that passed during the work of the last
    one are skipped, so that a delay is not followed by a burst.
    """
    start, tick = clock(), 1
    while not stopped():
        wait = start + tick / hz - clock()
        if wait > 0:
            sleep(min(wait, MAX_SLEEP_S))
            continue
        yield tick
        tick = max(tick, math.floor((clock() - start) * hz)) + 1


class Throttled(Generic[T]):
    """A value that is read again at most every `seconds`, however often it is called.

    A read that raises is tried again at the next call.
    """

    def __init__(self, read: Callable[[], T], seconds: float, clock: Clock = time.monotonic) -> None:
        self._read = read
        self._seconds = seconds
        self._clock = clock
        self._last: tuple[float, T] | None = None

    def __call__(self) -> T:
        now = self._clock()
        if self._last is None or now - self._last[0] >= self._seconds:
            self._last = now, self._read()
        return self._last[1]

    @property
    def last(self) -> T | None:
        """The last value read, of any age; None before the first read."""
        return self._last and self._last[1]
