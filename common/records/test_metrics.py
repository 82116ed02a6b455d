"""The metrics of a completed test, as `Result` stores them and the API gives them."""

from dataclasses import dataclass, field
from typing import Any, Self, TypedDict

from common.catalogue.grades import grade
from common.catalogue.test_type import Point
from common.records.machine import Observation, Peaks
from common.records.runs import Metrics, SoftwareRecord
from common.records.verdicts import VerdictRecord
from common.stats.distribution import Distribution, Distributions
from common.values.free_json import Json

FALLBACK = "tokensPerSecond"
"""The metric that represents a test which does not name one."""


Figure = Distribution | float | None
"""A metric of a test, with its interval if that is known; None if the metric is unknown."""


class Headline(TypedDict):
    """The metric by which a test is read first, and the point that represents the test."""

    name: str
    unit: str
    point: Point


class PointMetrics(TypedDict):
    """The number of runs at a point, or at a label of its requests, and their distributions."""

    point: Point
    runs: int
    statistics: Distributions


class RunCounts(TypedDict):
    """How many runs counted and how many attempts were rejected, over all points."""

    counted: int
    rejected: int
    rejectionRate: float


@dataclass(frozen=True)
class TestMetrics:
    """The metrics of a test. `values` are those at the point that represents it, and those of the test as a whole.

    `points` is empty if the test has only one. `phases` holds by phase what the machine did, and as `idle` what it did
    before the test; None is a phase that did not occur. `readings` counts the readings of the machine during the runs.
    `clock` is the clock that stamped the answers. `software` is that of the last run.
    `finding` is the result in one sentence.
    """

    values: Metrics
    headline: Headline | None = None
    statistics: Distributions = field(default_factory=dict)
    points: list[PointMetrics] = field(default_factory=list)
    verdicts: list[VerdictRecord] = field(default_factory=list)
    runs: RunCounts | None = None
    phases: dict[str, Observation | None] = field(default_factory=dict)
    peaks: Peaks = field(default_factory=dict)
    readings: int | None = None
    clock: str | None = None
    software: SoftwareRecord | None = None
    finding: str | None = None

    @classmethod
    def parse(cls, stored: Json) -> Self:
        """Return the metrics as stored. Parts that are missing are empty or unknown."""
        return cls(
            values={name: value for name, value in stored.items() if name not in PARTS},
            headline=stored.get("headline"),
            statistics=stored.get("statistics") or {},
            points=stored.get("points") or [],
            verdicts=stored.get("verdicts") or [],
            runs=stored.get("runs"),
            phases=stored.get("phases") or {},
            peaks=stored.get("peaks") or {},
            readings=stored.get("readings"),
            clock=stored.get("clock"),
            software=stored.get("software"),
            finding=stored.get("finding"),
        )

    def as_json(self) -> Json:
        """Return what is stored."""
        return {**self.values, **{name: getattr(self, name) for name in PARTS}}

    def get(self, metric: str) -> float | None:
        return self.values.get(metric)

    def figure(self, metric: str) -> Figure:
        """Return the distribution of a metric at the point that represents the test, or only its value."""
        return self.statistics.get(metric) or self.values.get(metric)

    @property
    def headline_name(self) -> str:
        return self.headline["name"] if self.headline else FALLBACK

    @property
    def main_point(self) -> Point:
        """The point that represents the test."""
        return self.headline["point"] if self.headline else {}

    @property
    def headline_statistic(self) -> Distribution | None:
        return self.statistics.get(self.headline_name) if self.headline else None


PARTS = tuple(name for name in TestMetrics.__dataclass_fields__ if name != "values")
LARGE = tuple(name for name in PARTS if name not in {"headline", "finding"})
"""The parts that are left out of a test's headline metrics."""
DETAILS = tuple(name for name in LARGE if name not in {"software", "statistics"})
"""The parts that neither lists nor histories read."""


def headline_metrics(stored: Json) -> Json:
    """Return the metrics by name, `headline` and `finding`, which are small."""
    return {name: value for name, value in stored.items() if name not in LARGE}


def spread(stored: Json) -> Json:
    """Return metrics by the columns of `Result`, which hold what is read together, with their grade."""
    return {
        "metrics": headline_metrics(stored),
        "software": stored.get("software"),
        "statistics": stored.get("statistics") or {},
        "details": {name: stored[name] for name in DETAILS if name in stored},
        "grade": grade(stored.get("verdicts")),
    }


def whole(metrics: Json, *others: Any) -> Json:  # noqa: ANN401 - a column may have JSON of any shape
    """Return all metrics of the columns of `Result`, in their order. If one cannot be read, return that one."""
    for column in (metrics, *others):
        if not isinstance(column, dict | None):
            unreadable: Json = column
            return unreadable
    software, statistics, details = others
    return {**metrics, "software": software, "statistics": statistics or {}, **(details or {})}
