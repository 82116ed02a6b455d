"""A completed test with its runs, as the page of its session shows it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import ceil

from common.catalogue.metrics import METRICS
from common.catalogue.test_type import Point
from common.records.test_metrics import TestMetrics
from common.stats.distribution import Distribution, Distributions
from common.store.earlier.samples import as_measured
from common.store.reads.runs import MachineDuringRun, RunMetrics

MAX_RUNS = 1000
"""Maximum number of runs shown per point; a day of a small model has half a million."""


@dataclass(frozen=True)
class MeasuredTest:
    """A completed test of one model.

    `series` gives the model its colour in all charts. `conditions` are those of the runs by the number of their point.
    `during_runs` are the readings during each of the `runs`, if charts show them. `left_out` is the number of runs that
    are not among `runs`.
    """

    model: str
    series: int
    metrics: TestMetrics
    conditions: Sequence[Point]
    runs: Sequence[RunMetrics]
    during_runs: Sequence[MachineDuringRun] = field(default=())
    left_out: int = 0

    @cached_property
    def headline(self) -> str:
        return self.metrics.headline_name

    @property
    def main_point(self) -> Point:
        """The point that stands for the test."""
        return self.metrics.main_point

    def statistic(self, metric: str) -> Distribution | None:
        """Return the distribution of a metric at the point that stands for the test."""
        return self.metrics.statistics.get(metric)

    @cached_property
    def points(self) -> list[tuple[Point, Distributions]]:
        """Each point with its distributions by metric, or the main point if there is only one."""
        several = [(each["point"], each["statistics"]) for each in self.metrics.points]
        return several or [(self.main_point, self.metrics.statistics)]

    @cached_property
    def run_conditions(self) -> list[Point]:
        """The conditions of the runs by the number of their point. Runs that were pruned have those of the metrics."""
        return as_measured(self.conditions, [each["point"] for each in self.metrics.points]) or [
            point for point, _ in self.points
        ]

    def runs_at(self, index: int) -> list[RunMetrics]:
        """Return the runs at the point with this number."""
        return self._by_part.get(index, [])

    @cached_property
    def _by_part(self) -> dict[int, list[RunMetrics]]:
        found: dict[int, list[RunMetrics]] = {}
        for run in self.runs:
            found.setdefault(run.point, []).append(run)
        return found

    def conditions_at(self, index: int) -> Point:
        """Return the conditions of the point with this number."""
        return self.run_conditions[index]

    def distribution(self, index: int, metric: str) -> Distribution | None:
        """Return the distribution of a metric at a point, or that of the test if it has one point."""
        if len(self.run_conditions) == 1:
            return self.statistic(metric)
        point = self.conditions_at(index)
        return next((found.get(metric) for known, found in self.points if known == point), None)

    @cached_property
    def _verdicts(self) -> dict[tuple[int, int], list[str]]:
        found: dict[tuple[int, int], list[str]] = {}
        for verdict in self.metrics.verdicts:
            for repetition in verdict.get("repetitions") or ():
                index = self.run_conditions.index(verdict["point"]) if verdict["point"] in self.run_conditions else 0
                effect = "rejected" if verdict["severity"] == "rejects" else "flagged"
                found.setdefault((index, repetition), []).append(f"{effect}: {verdict['name']}")
        return found

    def verdicts_on(self, run: RunMetrics) -> list[str]:
        """Return the verdicts on a run, such as `rejected: reloaded` or `flagged: rates-disagree`."""
        return self._verdicts.get((run.point, run.repetition), [])

    def outliers(self, index: int, metric: str) -> set[int]:
        """Return the repetitions whose value is an outlier, if each run has one value."""
        found = self.distribution(index, metric)
        runs = [run.repetition for run in self.runs_at(index) if run.metrics.get(metric) is not None]
        known = found and found.get("runs", found["n"])
        return {runs[position] for position in found["outliers"]} if found and known == len(runs) else set()


def downsampled(runs: Sequence[RunMetrics], metric: str, limit: int = MAX_RUNS) -> list[RunMetrics]:
    """Return at most `limit` runs, with the smallest and the largest value of each group of consecutive runs.

    No spike is lost.
    """
    if len(runs) <= limit:
        return list(runs)
    length = ceil(2 * len(runs) / limit)
    kept: list[RunMetrics] = []
    for start in range(0, len(runs), length):
        group = sorted(runs[start : start + length], key=lambda run: run.metrics.get(metric) or 0.0)
        ends = {run.repetition: run for run in (group[0], group[-1])}
        kept += [ends[repetition] for repetition in sorted(ends)]
    return kept


def unit(metric: str) -> str:
    """Return the unit of a metric, empty for one of another release."""
    return METRICS[metric].unit if metric in METRICS else ""
