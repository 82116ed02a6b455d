"""The runs at one point of a test, and the values of their metrics."""

from collections.abc import Sequence
from dataclasses import dataclass

from common.catalogue.metrics import METRICS
from common.catalogue.test_type import Point
from common.records.runs import RequestRecord
from common.stats import summary
from common.stats.distribution import Distributions
from common.store.tables import Run


@dataclass(frozen=True)
class PointRuns:
    """The runs at a point; `number` is the position of the point in the test, from 0."""

    number: int
    point: Point
    runs: list[Run]

    @property
    def next_repetition(self) -> int:
        """The number of the next run, from 1, which is also that of its block."""
        return len(self.runs) + 1

    def by_run(self, metric: str) -> list[float]:
        """Return one value per run, without unknown values."""
        return [value for run in self.runs if (value := run.metrics.get(metric)) is not None]

    def samples(self, metric: str) -> list[float]:
        """Return one value per request, or one per run if the metric belongs to the run as a whole."""
        found = [value for run in self.runs for value in _values(run, metric)]
        return [value for value in found if value is not None]

    def distributions(self) -> Distributions:
        """Return the distribution of each known metric."""
        return _distributions({name: self.samples(name) for name in METRICS})

    def labelled(self) -> list[tuple[Point, Distributions]]:
        """Return the distributions over the requests of each label; empty if the requests have no labels."""
        requests = [request for run in self.runs for request in run.record["requests"] if request["labels"]]
        labels = list({tuple(request["labels"].items()): request["labels"] for request in requests}.values())
        return [({**self.point, **label}, _of_label(requests, label)) for label in labels]


def _values(run: Run, metric: str) -> list[float | None]:
    if metric in run.record["own"]:
        return [run.metrics[metric]]
    return [request["figures"].get(metric) for request in run.record["requests"]]


def _of_label(requests: Sequence[RequestRecord], label: Point) -> Distributions:
    metrics = [request["figures"] for request in requests if request["labels"] == label]
    known = {name: [value for found in metrics if (value := found.get(name)) is not None] for name in METRICS}
    return _distributions(known)


def _distributions(samples: dict[str, list[float]]) -> Distributions:
    return {name: summary.summarise(values, METRICS[name].unit) for name, values in samples.items() if values}
