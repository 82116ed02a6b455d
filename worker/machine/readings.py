"""Readings of a host's sampler around a window, each with the interval that it describes.

A reading is stamped on arrival by the Redis server's clock. Shares such as the CPU's are means since the reading
before. Memory, clocks, temperatures and power are momentary values, or means that the device itself computes.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import cast

from redis import Redis

from common.messaging import streams
from common.messaging.redis import clock_ms, readings_of
from common.records.readings import ReadingRecord

Window = tuple[float, float]

AFTER_MS = 2000
"""Time after a window in which the reading that ends its last interval may arrive."""
AHEAD_MS = 1000
"""Readings that arrive faster than one a millisecond are numbered ahead of the clock, but by less than this."""
EARLIER = 2
"""Readings before a window. The interval of the second begins with the first."""
MAJORITY = 0.5


@dataclass(frozen=True)
class TimedReading:
    """A reading that arrived at `at` and describes the time since `since`, both in ms of Redis's clock.

    The two are equal if the reading before it is not kept.
    """

    since: int
    at: int
    reading: ReadingRecord

    def lies_in(self, windows: Sequence[Window]) -> bool:
        """Return whether most of its interval lies in the windows, which must not overlap."""
        inside = sum(max(0.0, min(self.at, end) - max(self.since, start)) for start, end in windows)
        return inside > MAJORITY * (self.at - self.since)


@dataclass(frozen=True)
class ReadingWindow:
    """The readings around a window, in order: from one before it to one after it, if there are such readings."""

    timed: tuple[TimedReading, ...] = ()

    def within(self, start: float, end: float) -> list[ReadingRecord]:
        """Return the readings that arrived in a window."""
        return [timed.reading for timed in self.timed if start <= timed.at <= end]

    def describing(self, windows: Sequence[Window]) -> list[ReadingRecord]:
        """Return the readings whose intervals lie mostly in the windows, which are in order and do not overlap.

        Only the windows around each interval are looked at: a run of many requests has hundreds.
        """
        starts = [start for start, _ in windows]
        found = []
        for timed in self.timed:
            first = max(0, bisect_right(starts, timed.since) - 1)
            if timed.lies_in(windows[first : bisect_left(starts, timed.at)]):
                found.append(timed.reading)
        return found

    def longest_gap(self, start: float, end: float) -> float:
        """Return the longest time without a reading that reaches into a window, in ms. 0 if there are no readings."""
        last = [(self.timed[-1].at, end)] if self.timed else []
        gaps = [*((timed.since, timed.at) for timed in self.timed), *last]
        return max((until - since for since, until in gaps if since < end and until > start), default=0)

    @property
    def period(self) -> float | None:
        """The shortest time from one reading to the next, in ms, or None with fewer than two readings."""
        return min((timed.at - timed.since for timed in self.timed if timed.at > timed.since), default=None)


def read(redis: Redis, host: str, start: float, end: float) -> ReadingWindow:
    """Return the host's readings around a window on the Redis server's clock, as far as they are kept.

    There are none if that clock was set back. Until it has caught up, the window would hold readings of another time.
    """
    stream = readings_of(host)
    if any(at > clock_ms(redis) + AHEAD_MS for at, _ in streams.newest(redis, stream)):
        return ReadingWindow()
    earlier = streams.newest(redis, stream, EARLIER, until=max(0, int(start) - 1))[::-1]
    found = streams.read(redis, stream, after=int(start) - 1, until=int(end) + AFTER_MS)
    readings = [(at, cast("ReadingRecord", message)) for at, message in [*earlier, *found]]
    timed = [TimedReading(since, at, reading) for (since, _), (at, reading) in pairwise(readings)]
    first = [TimedReading(at, at, reading) for at, reading in readings[:1] if len(earlier) < EARLIER]
    return ReadingWindow((*first, *timed))


def merge_windows(windows: Sequence[Window]) -> list[Window]:
    """Return windows that cover the same time in order and without overlaps."""
    found: list[Window] = []
    for start, end in sorted(windows):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found
