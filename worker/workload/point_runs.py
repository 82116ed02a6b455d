"""The runs at one point of a test, and the values of their metrics."""

from collections.abc import Sequence
from dataclasses import dataclass

from common.catalogue.metrics import METRICS
from common.catalogue.test_type import Point
from common.records.runs import RequestRecord
from common.stats import summary
from common.stats.censored import CENSORED
from common.stats.distribution import Distributions
from common.stats.intervals.median_interval import CONFIDENCE
from common.store.tables import Run
from worker.verdicts.series import SETTLED
from worker.workload.run import censored_waits, failed_requests


@dataclass(frozen=True)
class PointRuns:
    """The runs at a point; `number` is the position of the point in the test, from 0.

    `confidence` is the nominal one of its intervals, which makes up for the chances to end early. `precision` is the
    half width of the median's interval that is narrow enough, as a fraction.
    """

    number: int
    point: Point
    runs: list[Run]
    confidence: float = CONFIDENCE
    precision: float = SETTLED

    @property
    def next_repetition(self) -> int:
        """The number of the next run, from 1, which is also that of its block."""
        return len(self.runs) + 1

    def by_run(self, metric: str) -> list[float]:
        """Return one value per run, without unknown values. A censored one is infinite."""
        return [value for run in self.runs if (value := _of_run(run, metric)) is not None]

    def samples(self, metric: str) -> list[list[float]]:
        """Return the values of each run: of its main requests, or the run's own. Runs without a value are left out."""
        known = ([value for value in _values(run, metric) if value is not None] for run in self.runs)
        return [values for values in known if values]

    def half_width(self, metric: str) -> float | None:
        """Return how precisely the metric's median is known; see `common.stats.summary.relative_half_width`."""
        return summary.relative_half_width(self.by_run(metric), self.confidence)

    def distributions(self) -> Distributions:
        """Return the distribution of each known metric."""
        return self._distributions({name: self.samples(name) for name in METRICS})

    def labelled(self) -> list[tuple[Point, int, Distributions]]:
        """Return each label with its number of runs and the distributions over its requests; empty without labels."""
        requests = [request for run in self.runs for request in run.record["requests"] if request["labels"]]
        labels = list({tuple(request["labels"].items()): request["labels"] for request in requests}.values())
        return [({**self.point, **label}, *self._of_label(label)) for label in labels]

    def _of_label(self, label: Point) -> tuple[int, Distributions]:
        runs = [found for run in self.runs if (found := _with_label(run.record["requests"], label))]
        values = {name: [_known(requests, name) for requests in runs] for name in METRICS}
        return len(runs), self._distributions(values)

    def _distributions(self, samples: dict[str, list[list[float]]]) -> Distributions:
        known = {name: [values for values in runs if values] for name, runs in samples.items()}
        return {
            name: summary.summarise_runs(runs, METRICS[name].unit, self.confidence)
            for name, runs in known.items()
            if runs
        }


def _of_run(run: Run, metric: str) -> float | None:
    return CENSORED if metric in run.record.get("censored", ()) else run.metrics.get(metric)


def _values(run: Run, metric: str) -> list[float | None]:
    if metric in run.record["own"]:
        return [_of_run(run, metric)]
    requests = _with_label(run.record["requests"], run.record.get("main") or {})
    failed = censored_waits(metric, failed_requests(run.metrics))
    return [*(request["figures"].get(metric) for request in requests), *failed]


def _with_label(requests: Sequence[RequestRecord], label: Point) -> list[RequestRecord]:
    """Return the requests with this label, or all of them for an empty one."""
    return [request for request in requests if label in ({}, request["labels"])]


def _known(requests: Sequence[RequestRecord], metric: str) -> list[float]:
    return [value for request in requests if (value := request["figures"].get(metric)) is not None]
