"""The distribution of a metric over the runs or requests of a point, as JSON."""

from collections.abc import Sequence
from typing import TypedDict


class FirstSample(TypedDict):
    """The first sample. `outlier` is None if that is unknown."""

    value: float
    outlier: bool | None


class Drift(TypedDict):
    """The trend of samples in their order; see `common.stats.trend.drift`."""

    slope: float
    ci95: list[float]
    share: float | None


class Median(TypedDict):
    """The median `value` of `n` samples in `unit`. `ci95` is [low, high], its 95 % interval, None for few samples."""

    value: float
    unit: str
    n: int
    ci95: Sequence[float] | None


class Distribution(Median):
    """Statistics of samples; one that needs more samples is None. `outliers` are indices of samples."""

    median: float
    mad: float
    mean: float
    sd: float | None
    min: float
    max: float
    p95: float | None
    p99: float | None
    outliers: list[int]
    first: FirstSample
    drift: Drift | None


Distributions = dict[str, Distribution]
"""By the name of the metric."""
