"""What one run did: its requests with their answers, and what was expected of each."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from common.catalogue.test_type import Point
from common.records.runs import Metrics, RequestDetails, RequestRecord
from worker.ollama.request_metrics import request_metrics
from worker.ollama.responses import Generation
from worker.verdicts import Verdict
from worker.verdicts.expected import Expected


@dataclass(frozen=True)
class RequestResult:
    """A request and its answer. `labels` tell the requests of a run apart where they are different things, as the turns
    of a conversation; `late_ns` is by how much it was sent later than meant, which its user waits too; `about` is what
    else is to be kept.
    """

    generation: Generation
    expected: Expected
    labels: Point = field(default_factory=dict)
    late_ns: int = 0
    about: RequestDetails = field(default_factory=RequestDetails)

    def metrics(self, rate: str) -> Metrics:
        """Its metrics, with the metric named `rate` as its tokensPerSecond too."""
        found = request_metrics(self.generation, self.late_ns)
        if self.expected.cached and self.generation.server.cached_tokens is None:
            found["promptTokensPerSecond"] = None  # who knows how much of the prompt was read
        return {**found, "tokensPerSecond": found.get(rate)}

    def record(self, rate: str) -> RequestRecord:
        """Return the data behind its metrics, as it is stored with its run."""
        answer = self.generation
        return {
            "labels": self.labels,
            "figures": self.metrics(rate),
            "sentUs": answer.sent_ns // 1000,
            "lateUs": self.late_ns // 1000,
            "contentUs": [stamp // 1000 for stamp in answer.content_ns],
            "doneUs": answer.done_ns // 1000,
            "clock": answer.clock,
            "server": answer.server.record(),
            **self.about,
        }


@dataclass(frozen=True)
class RunResult:
    """`own` are the metrics of the run as a whole; one that its requests have too is the run's. `verdicts` are what the
    test type itself finds.
    """

    request_results: tuple[RequestResult, ...]
    own: Metrics = field(default_factory=dict)
    verdicts: tuple[Verdict, ...] = ()

    def metrics(self, rate: str) -> Metrics:
        """The run's own, and of each other metric the median over its requests."""
        requests = [request_result.metrics(rate) for request_result in self.request_results]
        names = dict.fromkeys(name for metrics in requests for name in metrics)
        return {**{name: _median([metrics.get(name) for metrics in requests]) for name in names}, **self.owned(rate)}

    def owned(self, rate: str) -> Metrics:
        """The run's own, with the metric named `rate`, where it is among them, as its tokensPerSecond too."""
        return {**self.own, **({"tokensPerSecond": self.own[rate]} if rate in self.own else {})}


def _median(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None
