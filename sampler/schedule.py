"""When to read: beats held against a clock, and readings that need not be taken at every beat."""

import math
import time
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

Clock = Callable[[], float]
T = TypeVar("T")

NAP_S = 0.25
"""The longest sleep in one piece: a stop is noticed after so long, however rare the beats are."""


def beats(
    hz: float,
    stopped: Callable[[], bool],
    clock: Clock = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[int]:
    """The number of each beat at its time, `number / hz` seconds after the start, until `stopped()`.

    Every beat is held against the start, so that none drifts. Beats that passed while the last one was
    still worked on are left out, so that lateness never makes a burst.
    """
    start, beat = clock(), 1
    while not stopped():
        wait = start + beat / hz - clock()
        if wait > 0:
            sleep(min(wait, NAP_S))
            continue
        yield beat
        beat = max(beat, math.floor((clock() - start) * hz)) + 1


class Throttled(Generic[T]):
    """A value that is asked for at every beat and read anew at most every `seconds`.

    A read that raises is tried again at the next call.
    """

    def __init__(self, read: Callable[[], T], seconds: float, clock: Clock = time.monotonic) -> None:
        self._read = read
        self._seconds = seconds
        self._clock = clock
        self._kept: tuple[float, T] | None = None

    def __call__(self) -> T:
        now = self._clock()
        if self._kept is None or now - self._kept[0] >= self._seconds:
            self._kept = now, self._read()
        return self._kept[1]

    @property
    def kept(self) -> T | None:
        """What was read last, however old; None before the first read."""
        return self._kept and self._kept[1]
