"""How far the medians of sessions lie apart although nothing was changed.

A session differs from the next one as a whole: by the load of the model, the temperature, other programs. Its runs
cannot show that. Earlier sessions under the same conditions can.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import fsum, log, sqrt
from typing import cast

from common.stats.comparing.scales import Bounds, quantile
from common.stats.distribution import Median
from common.stats.intervals.median_interval import CONFIDENCE

Ratio = tuple[int, int]

MIN_FREEDOM = 2
"""With less, the interval of a difference is more than ten times as wide as the spread."""
MIN_RELATIVE_SPREAD = 0.001
"""Smallest spread as a share of the median, because no machine is as steady as three equal values suggest."""


@dataclass(frozen=True)
class SessionMedian:
    """The median of a metric over the `runs` of a session, with its 95 % interval, None if it has none."""

    value: float
    runs: int
    interval: Bounds | None

    @classmethod
    def of(cls, found: Median) -> "SessionMedian | None":
        """Return the median as a test stores it, or None if it is censored. Without `runs`, each value is a run."""
        value, (low, high) = found["value"], found["ci95"] or (None, None)
        if value is None:
            return None
        return cls(
            value, cast("int", found.get("runs", found["n"])), None if low is None or high is None else (low, high)
        )

    def noise(self, *, relative: bool) -> float | None:
        """Return the variance of the median by the noise of its runs alone, None if it has no interval."""
        return self._noise_of_logarithms if relative else self._noise

    def ratio(self, *, relative: bool) -> Ratio:
        """Return the median on the scale of comparisons as numerator and denominator, without an error by rounding."""
        return self._ratio_of_logarithm if relative else self.value.as_integer_ratio()

    @cached_property
    def _ratio_of_logarithm(self) -> Ratio:
        return log(self.value).as_integer_ratio()

    @cached_property
    def _noise(self) -> float | None:
        return _noise(*self.interval) if self.interval else None

    @cached_property
    def _noise_of_logarithms(self) -> float | None:
        return _noise(*map(log, self.interval)) if self.interval and self.interval[0] > 0 else None


def _noise(low: float, high: float) -> float:
    """Return the variance of a normal value with this 95 % interval."""
    deviation: float = (high - low) / 2 / quantile(CONFIDENCE)
    return deviation * deviation


@dataclass(frozen=True)
class Spread:
    """The variance of the median of a session, with the degrees of freedom of its estimate.

    It covers what differs between `sessions` unchanged sessions and the noise within each. The second part by itself is
    `within`, None if no session has an interval. `of_run` is this noise for a session of one run. All are of logarithms
    if `relative`.
    """

    variance: float
    freedom: int
    sessions: int
    within: float | None
    of_run: float | None
    relative: bool

    @property
    def deviation(self) -> float:
        """The standard deviation of the median of a session."""
        return sqrt(self.variance)


def spread(groups: Iterable[Sequence[SessionMedian]], *, relative: bool) -> Spread | None:
    """Return the spread within groups of unchanged sessions, or None if it is unknown: they are too few, or all are 0.

    The groups may differ from each other: their variances are pooled. `relative` needs medians above 0.
    """
    useful = [group for group in groups if len(group) > 1]
    freedom = sum(len(group) - 1 for group in useful)
    if freedom < MIN_FREEDOM:
        return None
    sessions = [session for group in useful for session in group]
    squares = [_squares([one.ratio(relative=relative) for one in group]) for group in useful]
    smallest = MIN_RELATIVE_SPREAD * (1 if relative else max(abs(one.value) for one in sessions))
    found = max(sum(squares) / freedom, smallest**2)
    if not found:
        return None
    known = [(noise, one.runs) for one in sessions if (noise := one.noise(relative=relative)) is not None]
    return Spread(
        variance=found,
        freedom=freedom,
        sessions=len(sessions),
        within=fsum([noise for noise, _ in known]) / len(known) if known else None,
        of_run=fsum([noise * runs for noise, runs in known]) / len(known) if known else None,
        relative=relative,
    )


def _squares(ratios: Sequence[Ratio]) -> float:
    """Return the sum of the squared distances from the mean, of which the variance has no error by rounding.

    All values are integers in units of the smallest one's last bit, so that sums are exact, as in the standard
    library's `variance`, which takes ten times as long.
    """
    unit = max(denominator for _, denominator in ratios)
    whole = [numerator * (unit // denominator) for numerator, denominator in ratios]
    number, total = len(whole), sum(whole)
    squares = number * sum([value * value for value in whole]) - total * total
    return squares / (number * (number - 1) * unit * unit) * (number - 1)
