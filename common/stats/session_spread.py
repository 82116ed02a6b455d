"""How far the medians of sessions lie apart although nothing was changed.

A session differs from the next one as a whole: by the load of the model, the temperature, other programs. Its runs
cannot show that. Earlier sessions under the same conditions can.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, variance

from common.stats.distribution import Median
from common.stats.median_interval import CONFIDENCE
from common.stats.scales import quantile, scaled

MIN_FREEDOM = 2
"""With less, the interval of a difference is more than ten times as wide as the spread."""
MIN_RELATIVE_SPREAD = 0.001
"""Smallest spread as a share of the median, because no machine is as steady as three equal values suggest."""


@dataclass(frozen=True)
class Spread:
    """The variance of the median of a session, with the degrees of freedom of its estimate.

    It covers what differs between `sessions` unchanged sessions and the noise within each. The second part by itself is
    `within`, None if no session has an interval. `noise` is this noise for a session of one run. All are of logarithms
    if `relative`.
    """

    variance: float
    freedom: int
    sessions: int
    within: float | None
    noise: float | None
    relative: bool

    @property
    def deviation(self) -> float:
        """The standard deviation of the median of a session."""
        return sqrt(self.variance)


def spread(groups: Iterable[Sequence[Median]], *, relative: bool) -> Spread | None:
    """Return the spread within groups of unchanged sessions, or None if they are too few to know it.

    The groups may differ from each other: their variances are pooled. Censored medians are left out. `relative` needs
    medians above 0.
    """
    known = ([one for one in group if one["value"] is not None] for group in groups)
    useful = [group for group in known if len(group) > 1]
    freedom = sum(len(group) - 1 for group in useful)
    if freedom < MIN_FREEDOM:
        return None
    sessions = [session for group in useful for session in group]
    squares = [
        variance(scaled(value_of(one), relative=relative) for one in group) * (len(group) - 1) for group in useful
    ]
    smallest = MIN_RELATIVE_SPREAD * (1 if relative else max(abs(value_of(one)) for one in sessions))
    noises = [(found, one["n"]) for one in sessions if (found := noise_within(one, relative=relative)) is not None]
    return Spread(
        variance=max(sum(squares) / freedom, smallest**2),
        freedom=freedom,
        sessions=len(sessions),
        within=fmean(found for found, _ in noises) if noises else None,
        noise=fmean(found * n for found, n in noises) if noises else None,
        relative=relative,
    )


def noise_within(session: Median, *, relative: bool) -> float | None:
    """Return the variance of a median by the noise of its runs alone, None if it has no interval."""
    low, high = session["ci95"] or (None, None)
    if low is None or high is None or (relative and low <= 0):
        return None
    low, high = scaled(low, relative=relative), scaled(high, relative=relative)
    deviation: float = (high - low) / 2 / quantile(CONFIDENCE)
    return deviation * deviation


def value_of(session: Median) -> float:
    """Return the median of a session.

    Raises:
        ValueError: if it is censored.
    """
    if session["value"] is None:
        raise ValueError("The median of this session is censored, so it cannot be compared.")
    return session["value"]
