"""The distribution of a metric over the runs of a point, as JSON."""

from collections.abc import Sequence
from typing import TypedDict


class FirstSample(TypedDict):
    """The value of the first run, None if it is censored. `outlier` is None if that is unknown."""

    value: float | None
    outlier: bool | None


class Drift(TypedDict):
    """The trend of runs in their order; see `common.stats.trend.drift`."""

    slope: float
    ci95: list[float]
    share: float | None


Bounds = Sequence[float | None]
"""[low, high]; a bound is None if it is censored: nothing is known but that it is larger than all measured values."""


class Median(TypedDict):
    """The median `value` of `n` samples in `unit`; None if it is censored.

    `ci95` is its 95 % interval, None if there are too few runs for one.
    """

    value: float | None
    unit: str
    n: int
    ci95: Bounds | None


def bounds_of(statistic: Median | None) -> Bounds:
    """Return the 95 % interval of a median. Both bounds are None if it has none, or if there is no median."""
    return (statistic and statistic.get("ci95")) or (None, None)


class Spread(TypedDict):
    """What describes all values, of which `censored` are only known to be larger than the rest."""

    censored: int
    mad: float | None
    mean: float | None
    sd: float | None
    min: float | None
    max: float | None
    p95: float | None
    p95ci95: Bounds | None
    p99: float | None
    p99ci95: Bounds | None


class Distribution(Median, Spread):
    """Statistics of the `n` values of `runs` runs. A statistic that needs more, or is censored, is None.

    `value`, `median`, `ci95`, `outliers` (positions among the runs), `first` and `drift` are of one value per run: its
    median, if it has several.
    """

    runs: int
    median: float | None
    outliers: list[int]
    first: FirstSample
    drift: Drift | None


Distributions = dict[str, Distribution]
"""By the name of the metric."""
