"""One drawn run, before it is stored or rejected: what happened, how it is judged, what is kept of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Self

from common.ollama.client import LoadedModel
from common.records.runs import LoadedRecord, Metrics, RunRecord, TelemetryRecord
from worker.machine.clock_offset import Offset
from worker.machine.request_phases import RequestPhase, find_loads, request_phases
from worker.verdicts import Severity, Verdict, answer, clocks, memory
from worker.workload.run import RequestResult, RunResult


@dataclass(frozen=True)
class UnderTest:
    """The model that is measured. `expected_models` are the models that belong into memory beside it."""

    name: str
    digest: str | None
    expected_models: frozenset[str]


@dataclass(frozen=True)
class Attempt:
    """`loaded` is what was in memory just before it, by /api/ps; `window` is when it ran, in ms of Redis's clock, which
    stood at `clock` to the one that its requests were stamped with.
    """

    seed: str
    model: UnderTest
    loaded: tuple[LoadedModel, ...]
    window: tuple[int, int]
    clock: Offset
    result: RunResult

    def judge(self, warm_ups_ns: Sequence[int]) -> list[Verdict]:
        """Each verdict once, the first that was found. `warm_ups_ns` are the load durations of the warm-ups."""
        found: dict[str, Verdict] = {}
        for verdict in [*self._judged(warm_ups_ns), *self.result.verdicts]:
            found.setdefault(verdict.name, verdict)
        return list(found.values())

    def _judged(self, warm_ups_ns: Sequence[int]) -> Iterator[Verdict]:
        others, there = self._others(), self._there()
        unexpected_models = [loaded for loaded in others if loaded.name not in self.model.expected_models]
        for request_result in self.result.request_results:
            yield from answer.evaluate(request_result.generation, request_result.expected)
            yield from clocks.evaluate(request_result.generation)
            yield from filter(None, [_loading(request_result, warm_ups_ns, there=there)])
        yield from filter(None, [memory.other_models(unexpected_models)])

    def _others(self) -> list[LoadedModel]:
        return [loaded for loaded in self.loaded if not memory.is_model(loaded, self.model.name, self.model.digest)]

    def _there(self) -> bool:
        """Whether the model was in memory just before the run."""
        return len(self._others()) < len(self.loaded)

    def phases(self, warm_ups_ns: Sequence[int]) -> list[RequestPhase]:
        """Those of its requests, in the requests' order. A request loads where the model was not there, or where the
        server says that it took far longer for it than for a warm one.
        """
        answers = [request_result.generation for request_result in self.result.request_results]
        found: list[RequestPhase] = []
        for answered, missing in zip(answers, find_loads(answers, is_loaded=self._there()), strict=True):
            reloaded = memory.reloaded(answered.server.load_ns, warm_ups_ns, there=not missing)
            found += request_phases(answered, self.clock, loads=reloaded is not None)
        return found

    def with_own(self, metrics: Metrics) -> Self:
        """The same with further metrics of the run as a whole."""
        return replace(self, result=replace(self.result, own={**self.result.own, **metrics}))

    def record(
        self, rate: str, found: Sequence[Verdict], rejected: Sequence[Verdict], telemetry: TelemetryRecord
    ) -> RunRecord:
        """Return the data behind the run's metrics, with its verdicts and those that rejected earlier attempts."""
        return {
            "seed": self.seed,
            "loaded": [_loaded_record(model) for model in self.loaded],
            "window": list(self.window),
            "clockError": self.clock.bound,
            "own": list(self.result.owned(rate)),
            "requests": [request_result.record(rate) for request_result in self.result.request_results],
            **telemetry,
            "verdicts": [verdict.record() for verdict in found],
            "rejected": [verdict.record() for verdict in rejected],
        }


def _loaded_record(model: LoadedModel) -> LoadedRecord:
    return {
        "name": model.name,
        "digest": model.digest,
        "size": model.size,
        "size_vram": model.size_vram,
        "context_length": model.context_length,
        "expires": model.expires,
    }


def rejecting(found: Sequence[Verdict]) -> Verdict | None:
    return next((verdict for verdict in found if verdict.severity == Severity.REJECTS), None)


def _loading(request_result: RequestResult, warm_ups_ns: Sequence[int], *, there: bool) -> Verdict | None:
    match request_result.expected.warm:
        case None:
            return None
        case False:
            return memory.still_loaded() if there else None
    return memory.reloaded(request_result.generation.server.load_ns, warm_ups_ns, there=there)
