"""The difference of two spans of time, evaluated by how far the sessions within each lie apart.

Sessions in a row resemble each other, as in a history. So the same autocorrelation is allowed for.
"""

from collections.abc import Sequence
from math import sqrt

from common.stats.comparing.comparison import Difference
from common.stats.comparing.scales import POWER
from common.stats.history.autocorrelation import variance_of_mean
from common.stats.history.evaluation import freedom_of
from common.stats.history.noise import level
from common.stats.history.scale import scale_of
from common.stats.intervals import student
from common.stats.intervals.median_interval import CONFIDENCE

MIN_SESSIONS = 6
"""Of both spans together. With fewer, the noise between sessions is hardly known."""


def difference(baseline: Sequence[float], other: Sequence[float], unit: str) -> Difference:
    """Return the change from the sessions of one span to those of another, each at least one value in `unit`.

    Outliers count no more than in a history. The interval is None if there are too few sessions.
    """
    scale = scale_of([*baseline, *other], unit)
    (before, noise), (after, further) = (level(scale.of(values)) for values in (baseline, other))
    both = noise + further
    if len(baseline) + len(other) < MIN_SESSIONS:
        return Difference(scale.difference(after - before, 0.0).change, None, scale.relative)
    error = both.deviation(scale.floor) * sqrt(sum(variance_of_mean(len(values)) for values in (baseline, other)))
    freedom = freedom_of(both)
    reach = student.quantile(CONFIDENCE, freedom) * error
    found = scale.difference(after - before, reach)
    return Difference(
        found.change,
        found.interval,
        scale.relative,
        p=student.p_value((after - before) / error, freedom),
        detectable=scale.difference(reach + student.quantile(2 * POWER - 1, freedom) * error, 0.0).change,
    )


def centre(values: Sequence[float], unit: str) -> tuple[float, tuple[float, float] | None]:
    """Return the centre of the sessions of one span, and its 95 % interval, None if they are too few."""
    scale = scale_of(values, unit)
    middle, noise = level(scale.of(values))
    if len(values) < MIN_SESSIONS:
        return scale.value(middle), None
    error = noise.deviation(scale.floor) * sqrt(variance_of_mean(len(values)))
    return scale.value(middle), scale.interval(middle, student.quantile(CONFIDENCE, freedom_of(noise)) * error)
