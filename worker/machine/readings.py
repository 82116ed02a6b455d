"""The readings of a host's sampler around a stretch of time, each with the interval that it describes.

A reading comes with the time of its arrival on the Redis server's clock. Its shares, as the CPU's, are means since the
reading before it; memory, clocks, temperatures and power are momentary, or means of the device's own.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from redis import Redis

from common.messaging import streams
from common.messaging.redis import clock_ms, readings_of

Reading = dict[str, Any]
Window = tuple[float, float]

AFTER_MS = 2000
"""A reading that has come since closes the last interval of a window."""
AHEAD_MS = 1000
"""Readings that come faster than milliseconds pass are numbered ahead of the clock, but not by so much."""
EARLIER = 2
"""Readings before a window: the first tells since when the second describes."""
MOSTLY = 0.5


@dataclass(frozen=True)
class TimedReading:
    """A reading that arrived at `at` and describes what was since `since`, both in ms of Redis's clock; the two are one
    where no reading before it is kept.
    """

    since: int
    at: int
    reading: Reading

    def lies_in(self, windows: Sequence[Window]) -> bool:
        """Whether most of its interval does; the windows do not overlap."""
        inside = sum(max(0.0, min(self.at, end) - max(self.since, start)) for start, end in windows)
        return inside > MOSTLY * (self.at - self.since)


@dataclass(frozen=True)
class Timeline:
    """Readings in their order, from the one before the first that matters to one after the last, where there is one."""

    beats: tuple[TimedReading, ...] = ()

    def taken(self, start: float, end: float) -> list[Reading]:
        """The readings that arrived in a window."""
        return [beat.reading for beat in self.beats if start <= beat.at <= end]

    def describing(self, windows: Sequence[Window]) -> list[Reading]:
        """The readings whose intervals lie mostly within the windows, which do not overlap."""
        return [beat.reading for beat in self.beats if beat.lies_in(windows)]

    def silence(self, start: float, end: float) -> float:
        """The longest time without a reading that reaches into a window, in ms; 0 without any reading."""
        last = [(self.beats[-1].at, end)] if self.beats else []
        stretches = [*((beat.since, beat.at) for beat in self.beats), *last]
        return max((until - since for since, until in stretches if since < end and until > start), default=0)

    @property
    def period(self) -> float | None:
        """The shortest time from one reading to the next, in ms; None where there are not two."""
        return min((beat.at - beat.since for beat in self.beats if beat.at > beat.since), default=None)


def read(redis: Redis, host: str, start: float, end: float) -> Timeline:
    """What is kept of the host's readings around a window on the Redis server's clock. Nothing where that clock was set
    back: readings of another time stand where those of the window should, until it has caught up.
    """
    stream = readings_of(host)
    if any(at > clock_ms(redis) + AHEAD_MS for at, _ in streams.newest(redis, stream)):
        return Timeline()
    earlier = streams.newest(redis, stream, EARLIER, until=max(0, int(start) - 1))[::-1]
    found = streams.read(redis, stream, after=int(start) - 1, until=int(end) + AFTER_MS)
    beats = [TimedReading(since, at, reading) for (since, _), (at, reading) in pairwise([*earlier, *found])]
    first = [TimedReading(at, at, reading) for at, reading in [*earlier, *found][:1] if len(earlier) < EARLIER]
    return Timeline((*first, *beats))


def of_gpus(reading: Reading, name: str, over: Callable[[list[float]], float]) -> float | None:
    """One field over all GPUs that tell it; None where none does."""
    known = [gpu[name] for gpu in reading["gpus"] or () if gpu[name] is not None]
    return over(known) if known else None


def united(windows: Sequence[Window]) -> list[Window]:
    """The same time without overlaps, in order."""
    found: list[Window] = []
    for start, end in sorted(windows):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found
