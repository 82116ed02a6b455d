"""Changes of a history that last, found session by session in order, so that later sessions rewrite none of them."""

from dataclasses import dataclass

from common.stats.history.detection import MAX_LEVEL, MIN_LEVEL, WINDOWS, is_drift, is_step
from common.stats.history.lines import line
from common.stats.history.noise import Floats, Noise, level
from common.stats.history.shapes import shape


@dataclass(frozen=True)
class Segment:
    """Sessions `start` to `end` (exclusive) at one level, or of one drift. Session `seen` showed that it had begun."""

    start: int
    end: int
    seen: int
    drifts: bool = False


def segments(values: Floats, floor: float) -> list[Segment]:
    """Return the segments of a history in order; only the last one may grow. `floor` is the least noise."""
    found: list[Segment] = []
    start = seen = 0
    noise = Noise()
    for end in range(1, len(values) + 1):
        since = values[start:end]
        if is_step(since, noise, floor) or is_drift(since):
            ended = _ended(values, start, end, seen)
            noise = sum((noise_of(values, segment) for segment in ended), noise)
            found += ended
            start, seen = ended[-1].end, end - 1
    return [*found, Segment(start, len(values), seen)] if start < len(values) else found


def noise_of(values: Floats, segment: Segment) -> Noise:
    """Return the noise of a segment about its level or its line."""
    inside = values[segment.start : segment.end]
    return line(inside).noise if segment.drifts else level(inside)[1]


def _ended(values: Floats, start: int, end: int, seen: int) -> list[Segment]:
    """Return what ends with the change found before `end`: the level before a step, or a drift and the level before."""
    first = max(start, end - MAX_LEVEL - max(WINDOWS))
    drifts, begin = shape(values[first:end])
    begin += first
    if not drifts:
        return [Segment(start, begin, seen)]
    before = [Segment(start, begin, seen)] if begin - start >= MIN_LEVEL else []
    return [*before, Segment(begin if before else start, end, end - 1, drifts=True)]
