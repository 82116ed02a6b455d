"""One attempt at a run, before it is stored or rejected: its result, its verdicts and its record."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Self

from common.ollama.identity import Identity
from common.ollama.models import LoadedModel
from common.records.runs import LoadedRecord, Metrics, RunRecord, SoftwareRecord, TelemetryRecord
from common.records.usage import Usage
from worker.machine.aggregates import aggregate, peaks
from worker.machine.clock_offset import Offset
from worker.machine.energy import Energy, energy_in, per_token
from worker.machine.readings import ReadingWindow, Window
from worker.machine.request_phases import DECODE, PHASES, PREFILL, RequestPhase, find_loads, request_phases, windows
from worker.ollama.request_metrics import total_tokens
from worker.verdicts import Severity, Verdict, answer, clocks, memory
from worker.workload.run import RequestResult, RunResult


@dataclass(frozen=True)
class ModelUnderTest:
    """The model that is measured, with the context length in tokens. `expected_models` may be in memory beside it."""

    identity: Identity
    expected_models: frozenset[Identity]
    context_length: int


@dataclass(frozen=True)
class Attempt:
    """An attempt at a run.

    `software` is the model's and the server's. `loaded` was in memory just before it, by /api/ps. `window` is when it
    ran, in ms of Redis's clock, and `clock` the offset of that clock. `warm_up_loads_ns` are the load durations of the
    warm-ups.
    """

    seed: str
    software: SoftwareRecord
    model: ModelUnderTest
    loaded: tuple[LoadedModel, ...]
    window: tuple[int, int]
    clock: Offset
    warm_up_loads_ns: Sequence[int]
    result: RunResult

    def evaluate(self) -> list[Verdict]:
        """Return the verdicts on the run. Of several with one name, the first counts."""
        found: dict[str, Verdict] = {}
        for verdict in [*self._evaluate_requests(), *self.result.verdicts]:
            found.setdefault(verdict.name, verdict)
        return list(found.values())

    def _evaluate_requests(self) -> Iterator[Verdict]:
        for request in self.result.request_results:
            yield from answer.evaluate(request.generation, request.expected)
            yield from clocks.evaluate(request.generation)
            counts = answer.prompt_counts(request.generation, self.model.context_length)
            yield from filter(None, [counts, self._evaluate_load(request)])
        yield from filter(None, [memory.other_models(self._unexpected_models())])

    def _evaluate_load(self, request: RequestResult) -> Verdict | None:
        match request.expected.warm:
            case None:
                return None
            case False:
                return memory.still_loaded() if self._is_loaded() else None
        return memory.reloaded(
            request.generation.server.load_ns, self.warm_up_loads_ns, loaded_before=self._is_loaded()
        )

    def _other_models(self) -> list[LoadedModel]:
        return [loaded for loaded in self.loaded if not self.model.identity.matches(loaded.identity)]

    def _unexpected_models(self) -> list[LoadedModel]:
        expected = self.model.expected_models
        return [
            loaded for loaded in self._other_models() if not any(model.matches(loaded.identity) for model in expected)
        ]

    def _is_loaded(self) -> bool:
        """Return whether the model was in memory just before the run."""
        return len(self._other_models()) < len(self.loaded)

    def phases(self) -> list[RequestPhase]:
        """Return the phases of its requests, in the requests' order.

        A request has a load phase if the model was not in memory, or if its load took far longer than a warm-up's.
        """
        answers = [request.generation for request in self.result.request_results]
        found: list[RequestPhase] = []
        for generation, loads in zip(answers, find_loads(answers, is_loaded=self._is_loaded()), strict=True):
            reloaded = memory.reloaded(generation.server.load_ns, self.warm_up_loads_ns, loaded_before=not loads)
            found += request_phases(generation, self.clock, loads=reloaded is not None)
        return found

    def with_energy(self, readings: ReadingWindow, empty: Energy | None, loaded: Energy | None) -> Self:
        """Return the attempt with the energy per token, from the beginning of prompts to the end of answers."""
        times, tokens = self._energy_windows()
        metrics: Metrics = {**self.result.own, **per_token(energy_in(readings, times), empty, loaded, tokens)}
        return replace(self, result=replace(self.result, own=metrics))

    def _energy_windows(self) -> tuple[list[Window], float | None]:
        """Return the windows to which the energy belongs, in ms of Redis's clock, and the tokens generated in them."""
        measured = self.result.measured
        if measured:
            return [(self.clock.at(measured.start_ns), self.clock.at(measured.end_ns))], measured.tokens
        answers = [request.generation for request in self.result.request_results]
        return windows(self.phases(), PREFILL, DECODE), total_tokens(answers)

    def telemetry(self, readings: ReadingWindow, usage: Usage) -> TelemetryRecord:
        """Return the aggregated readings. A reading in the phases of several requests counts in each phase."""
        phases = self.phases()
        times = {name: windows(phases, name) for name in PHASES}
        return {
            "phases": [phase.record() for phase in phases],
            "observed": {name: aggregate(readings, time) for name, time in times.items() if time},
            "peaks": peaks(readings.within(*self.window)),
            "usage": usage.describe(),
        }

    def record(
        self, rate: str, found: Sequence[Verdict], rejected: Sequence[Verdict], telemetry: TelemetryRecord
    ) -> RunRecord:
        """Return the data behind the run's metrics, with its verdicts and those that rejected earlier attempts."""
        return {
            "seed": self.seed,
            "software": self.software,
            "loaded": [_loaded_record(model) for model in self.loaded],
            "window": list(self.window),
            "clockError": self.clock.bound,
            "own": list(self.result.owned(rate)),
            "main": self.result.main,
            "censored": self.result.censored(rate),
            "requests": [request.record(rate) for request in self.result.request_results],
            **telemetry,
            "verdicts": [verdict.record() for verdict in found],
            "rejected": [verdict.record() for verdict in rejected],
        }


def rejection(found: Sequence[Verdict]) -> Verdict | None:
    """Return the first verdict that rejects the run, if any."""
    return next((verdict for verdict in found if verdict.severity == Severity.REJECTS), None)


def _loaded_record(model: LoadedModel) -> LoadedRecord:
    return {
        "name": model.name,
        "digest": model.digest,
        "size": model.size,
        "size_vram": model.size_vram,
        "context_length": model.context_length,
        "expires": model.expires,
    }
