"""The result of one run: its requests with their answers, and what was expected of each."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from common.catalogue.metrics import METRICS
from common.catalogue.test_type import Point
from common.records.runs import Metrics, RequestDetails, RequestRecord
from common.stats.censored import CENSORED, known
from worker.ollama.request_metrics import request_metrics
from worker.ollama.responses import Generation
from worker.verdicts import Verdict
from worker.verdicts.expected import Expected


@dataclass(frozen=True)
class RequestResult:
    """A request and its answer.

    `labels` distinguish requests of a run that measure different things, such as the turns of a conversation. `late_ns`
    is how much later than intended it was sent, which counts as waiting. `about` is stored with it.
    """

    generation: Generation
    expected: Expected
    labels: Point = field(default_factory=dict)
    late_ns: int = 0
    about: RequestDetails = field(default_factory=RequestDetails)

    def metrics(self, rate: str) -> Metrics:
        """Return the metrics of the request. The metric named `rate` is also its tokensPerSecond."""
        found = request_metrics(self.generation, self.late_ns)
        if self.expected.cached and self.generation.server.cached_tokens is None:
            found["promptTokensPerSecond"] = None  # it is unknown how much of the prompt was read
        return {**found, "tokensPerSecond": found.get(rate)}

    def record(self, rate: str) -> RequestRecord:
        """Return the data behind the metrics. `contentUs` and `doneUs` are microseconds after `sentUs`, on `clock`."""
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
class MeasuredTime:
    """A time in nanoseconds of CLOCK_REALTIME, in which this number of tokens was generated; None if it is unknown."""

    start_ns: int
    end_ns: int
    tokens: float | None


@dataclass(frozen=True)
class RunResult:
    """A run. `own` are metrics of the run as a whole, which replace those of its requests. Censored ones are infinite.

    `main` is the label of the requests that represent the run, empty for all. The others measure something else, so no
    number mixes them. `verdicts` are those of the test type itself. `measured` is the time to which the energy of the
    run belongs, if that is not the time of its requests.
    """

    request_results: tuple[RequestResult, ...]
    own: Metrics = field(default_factory=dict)
    verdicts: tuple[Verdict, ...] = ()
    measured: MeasuredTime | None = None
    main: Point = field(default_factory=dict)

    def metrics(self, rate: str) -> Metrics:
        """Return the run's own metrics, and the median over its main requests of each other metric.

        Unknown and censored ones are None. The metric named `rate` is also the run's tokensPerSecond.
        """
        return {name: known(value) for name, value in self._values(rate).items()}

    def censored(self, rate: str) -> list[str]:
        """Return the names of the metrics that are only known to be larger than all others."""
        return [name for name, value in self._values(rate).items() if value == CENSORED]

    def _values(self, rate: str) -> Metrics:
        represent = [result for result in self.request_results if self.main in ({}, result.labels)]
        requests = [request_result.metrics(rate) for request_result in represent]
        names = dict.fromkeys(name for metrics in requests for name in metrics)
        failed = failed_requests(self.own)
        medians = {
            name: _median([*(metrics.get(name) for metrics in requests), *censored_waits(name, failed)])
            for name in names
        }
        return {**medians, **self.owned(rate)}

    def owned(self, rate: str) -> Metrics:
        """Return the run's own metrics. If the metric named `rate` is one of them, it is also its tokensPerSecond."""
        return {**self.own, **({"tokensPerSecond": self.own[rate]} if rate in self.own else {})}


def failed_requests(metrics: Metrics) -> int:
    """Return the number of requests of a run that were never answered."""
    return int(metrics.get("failedRequests") or 0)


def censored_waits(metric: str, failed: int) -> list[float]:
    """Return the values of a metric that failed requests have: a wait that never ended, or nothing."""
    return [CENSORED] * failed if METRICS[metric].is_wait else []


def _median(values: Sequence[float | None]) -> float | None:
    known_values = [value for value in values if value is not None]
    return median(known_values) if known_values else None
