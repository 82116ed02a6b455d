"""What a history shows: its levels and drifts, and the changes between them, each with its size and interval."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import sqrt

from common.stats.comparing.comparison import Difference
from common.stats.history.autocorrelation import variance_of_mean
from common.stats.history.changes import Segment, noise_of, segments
from common.stats.history.detection import MAX_LEVEL, NEWEST, bound
from common.stats.history.lines import line, variance_of_rise
from common.stats.history.noise import Floats, Noise, level
from common.stats.history.scale import Scale, scale_of
from common.stats.intervals import student
from common.stats.intervals.median_interval import CONFIDENCE

MIN_SESSIONS = 11
"""Fewer are not enough: eight show the noise, and three a step."""
MAX_KEPT = 256
"""Evaluations that are kept in memory, at some ten kilobytes each."""
FREEDOM = 0.6
"""Degrees of freedom of Student's distribution for each one of independent sessions: (1 - rho²) / (1 + rho²)."""


def freedom_of(noise: Noise) -> float:
    """Return the degrees of freedom of Student's distribution for sessions that resemble the one before."""
    return max(FREEDOM * noise.freedom, 1.0)


@dataclass(frozen=True)
class Level:
    """The metric at the sessions `start` to `end` (exclusive): its values at the first and the last of them.

    They are equal unless it drifts. `intervals` are their 95 % intervals.
    """

    start: int
    end: int
    drifts: bool
    values: tuple[float, float]
    intervals: tuple[tuple[float, float], tuple[float, float]]


@dataclass(frozen=True)
class Change:
    """A step to a new level at the session `start`, or a drift from `start` to the session `last`.

    The session `seen` showed it. The difference is that of both levels, or of the ends of the drift. Sessions that
    follow make the difference of a step more precise.
    """

    start: int
    last: int
    seen: int
    difference: Difference
    drifts: bool = False


@dataclass(frozen=True)
class Evaluation:
    """What a history shows so far. Without `levels`, there are too few sessions.

    `detectable` is the smallest step, in percent if `relative`, that three further sessions would show in four of five
    cases; None if the level has too few sessions.
    """

    levels: list[Level]
    changes: list[Change]
    relative: bool
    detectable: float | None


def evaluate(values: Sequence[float], unit: str) -> Evaluation:
    """Return what the sessions' values in `unit` show, oldest first. It takes about 0.1 ms for each session.

    The newest evaluations are kept, because a history is read much more often than a session is added.
    """
    return _evaluated(tuple(values), unit)


@lru_cache(maxsize=MAX_KEPT)
def _evaluated(values: tuple[float, ...], unit: str) -> Evaluation:
    scale = scale_of(values[:MIN_SESSIONS], unit)
    if len(values) < MIN_SESSIONS:
        return Evaluation([], [], scale.relative, None)
    return _Evaluator(scale.of(values), scale).evaluation()


class _Evaluator:
    """The segments of a history, and the noise of all of them up to each."""

    def __init__(self, values: Floats, scale: Scale) -> None:
        self.values, self.scale = values, scale
        self.segments = segments(values, scale.floor)
        self.noises = [
            sum((noise_of(values, each) for each in self.segments[: at + 1]), Noise())
            for at in range(len(self.segments))
        ]

    def evaluation(self) -> Evaluation:
        steps = [
            self._step(at)
            for at, (before, after) in enumerate(pairwise(self.segments), 1)
            if not (before.drifts or after.drifts)
        ]
        drifts = [self._drift(at) for at, segment in enumerate(self.segments) if segment.drifts]
        changes = sorted([*steps, *drifts], key=lambda change: change.start)
        levels = [self._level(at) for at in range(len(self.segments))]
        return Evaluation(levels, changes, self.scale.relative, self._detectable())

    def _reach(self, at: int, variance: float) -> float:
        """Return half the interval of what varies by this multiple of the sessions' variance, as known at a segment."""
        noise = self.noises[at]
        return student.quantile(CONFIDENCE, freedom_of(noise)) * noise.deviation(self.scale.floor) * sqrt(variance)

    def _step(self, at: int) -> Change:
        before, after = self.segments[at - 1 : at + 1]
        change = level(self._inside(after))[0] - level(self._inside(before))[0]
        reach = self._reach(at, variance_of_mean(_length(before)) + variance_of_mean(_length(after)))
        return Change(after.start, after.start, after.seen, self.scale.difference(change, reach))

    def _drift(self, at: int) -> Change:
        segment = self.segments[at]
        reach = self._reach(at, variance_of_rise(_length(segment)))
        difference = self.scale.difference(line(self._inside(segment)).rise, reach)
        return Change(segment.start, segment.end - 1, segment.seen, difference, drifts=True)

    def _level(self, at: int) -> Level:
        segment = self.segments[at]
        inside, n = self._inside(segment), _length(segment)
        centre = level(inside)[0]
        fitted = line(inside) if segment.drifts else None
        first, last = (fitted.first, fitted.last) if fitted else (centre, centre)
        reach = self._reach(at, variance_of_mean(n) + (variance_of_rise(n) / 4 if fitted else 0.0))
        return Level(
            segment.start,
            segment.end,
            segment.drifts,
            (self.scale.value(first), self.scale.value(last)),
            (self.scale.interval(first, reach), self.scale.interval(last, reach)),
        )

    def _detectable(self) -> float | None:
        """Return the bound of the current level, and one standard deviation that the nearest of three may lack."""
        noise, last, floor = self.noises[-1], self.segments[-1], self.scale.floor
        allowed = None if last.drifts else bound(min(_length(last), MAX_LEVEL), NEWEST, noise, Noise(), floor)
        if allowed is None:
            return None
        return self.scale.difference(allowed + noise.deviation(floor), 0.0).change

    def _inside(self, segment: Segment) -> Floats:
        return self.values[segment.start : segment.end]


def _length(segment: Segment) -> int:
    return segment.end - segment.start
