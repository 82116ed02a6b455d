"""The difference of two sessions, evaluated by how far unchanged sessions of the same machine lie apart."""

from collections.abc import Sequence
from math import sqrt

from common.stats.comparing.comparison import Difference
from common.stats.comparing.scales import POWER, scaled, shown
from common.stats.comparing.session_spread import SessionMedian, Spread
from common.stats.intervals import student

LEVEL = 0.03
"""How often a difference may be found by chance. It leaves room to 5 % for what the method assumes: sessions that are
independent of each other, and whose spread is about normal.
"""


def difference(baseline: SessionMedian, other: SessionMedian, spreads: Sequence[Spread]) -> Difference:
    """Return the change from the median of one session to that of another, with its interval.

    `spreads` has one spread for both sessions, or one for each. The sessions themselves are in neither. If both have
    more noise within than unchanged sessions have, the excess is added to the variance of the change. Swapping both
    sessions inverts the result.
    """
    relative, freedom = spreads[0].relative, _freedom(spreads)
    error = sqrt(_variance(spreads) + _excess(baseline, other, spreads))
    change = scaled(other.value, relative=relative) - scaled(baseline.value, relative=relative)
    reach = student.quantile(1 - LEVEL, freedom) * error
    return Difference(
        shown(change, relative=relative),
        (shown(change - reach, relative=relative), shown(change + reach, relative=relative)),
        relative,
        level=LEVEL,
        p=student.p_value(change / error, freedom),
        detectable=_detectable(error, freedom, relative=relative),
    )


def detectable(spreads: Sequence[Spread]) -> float:
    """Return the smallest change between two sessions that is found in four of five cases, in percent or the unit."""
    return _detectable(sqrt(_variance(spreads)), _freedom(spreads), relative=spreads[0].relative)


def _detectable(error: float, freedom: float, *, relative: bool) -> float:
    quantiles = student.quantile(1 - LEVEL, freedom) + student.quantile(2 * POWER - 1, freedom)
    return shown(quantiles * error, relative=relative)


def _variance(spreads: Sequence[Spread]) -> float:
    """Return the variance of the difference of two sessions."""
    return sum(2 / len(spreads) * each.variance for each in spreads)


def _freedom(spreads: Sequence[Spread]) -> float:
    """Return the degrees of freedom of the sum of the variances.

    Source: Satterthwaite, An approximate distribution of estimates of variance components (1946).
    """
    if len(spreads) == 1:
        return spreads[0].freedom  # exactly, so that quantiles are computed once for each whole number
    variances = [each.variance for each in spreads]
    return sum(variances) ** 2 / sum(each.variance**2 / each.freedom for each in spreads)


def _excess(baseline: SessionMedian, other: SessionMedian, spreads: Sequence[Spread]) -> float:
    """Return by how much the noise within both sessions exceeds that within unchanged sessions, as a variance.

    The noise of a session of too few runs is taken from the unchanged ones.
    """
    total = 0.0
    for session, spread in zip((baseline, other), [*spreads, *spreads], strict=False):
        own = session.noise(relative=spread.relative)
        if own is None and spread.of_run is not None:
            own = spread.of_run / session.runs
        if own is not None and spread.within is not None:
            total += own - spread.within
    return max(total, 0.0)
