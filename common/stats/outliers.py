"""Outliers of a series by the modified z-score, which are flagged and never dropped.

Source: Iglewicz and Hoaglin, How to Detect and Handle Outliers (1993). The score is the distance from the median in
units of the median absolute deviation (MAD). If more than half of the samples are equal, the MAD is 0, and the mean
absolute deviation replaces it, as the same source proposes.
"""

from collections.abc import Sequence
from math import isfinite
from statistics import fmean, median

from common.stats.censored import known
from common.stats.distribution import FirstSample

MAX_SCORE = 3.5
NORMAL_MAD = 0.6745
"""The MAD of a normal distribution with standard deviation 1."""
NORMAL_MEAN_DEVIATION = 0.797885
"""The mean absolute deviation of that distribution: 1 / 1.253314."""
MIN_OTHERS = 3


def outliers(samples: Sequence[float]) -> list[int]:
    """Return the indices of samples whose modified z-score is above 3.5.

    A sample that differs from all others is one, too, if at least three others are equal.
    """
    middle = median(samples)
    deviations = _deviations(samples, middle)
    spread = 0.0 if _one_differs(deviations) else _spread(deviations)
    return [i for i, deviation in enumerate(deviations) if _is_far(deviation, spread)]


def first(samples: Sequence[float]) -> FirstSample:
    """Return the first sample, and whether it is an outlier by the median and the deviations of the others.

    `outlier` is None if there are fewer than three others.
    """
    one, *others = samples
    if len(others) < MIN_OTHERS:
        return {"value": known(one), "outlier": None}
    middle = median(others)
    (distance,) = _deviations([one], middle)
    return {"value": known(one), "outlier": _is_far(distance, _spread(_deviations(others, middle)))}


def mad(samples: Sequence[float]) -> float:
    """Return the median absolute deviation from the median, not scaled; infinite if the median is."""
    middle = median(samples)
    return median(_deviations(samples, middle)) if isfinite(middle) else middle


def _deviations(samples: Sequence[float], middle: float) -> list[float]:
    return [abs(sample - middle) if sample != middle else 0.0 for sample in samples]


def _spread(deviations: Sequence[float]) -> float:
    """Return the standard deviation that a normal distribution with these deviations has."""
    middle = median(deviations)
    finite = [deviation for deviation in deviations if isfinite(deviation)]
    return middle / NORMAL_MAD if middle or not finite else fmean(finite) / NORMAL_MEAN_DEVIATION


def _one_differs(deviations: Sequence[float]) -> bool:
    return len(deviations) > MIN_OTHERS and sum(deviation > 0 for deviation in deviations) == 1


def _is_far(deviation: float, spread: float) -> bool:
    return deviation > MAX_SCORE * spread
