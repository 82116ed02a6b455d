"""One drawn run, before it is stored or rejected: what happened, how it is judged, what is kept of it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from common.ollama import LoadedModel
from worker.ollama import Generation
from worker.telemetry import Usage
from worker.verdicts import Verdict, answer, clocks, memory
from worker.workload import Bench

Json = dict[str, Any]


@dataclass(frozen=True)
class Attempt:
    """`loaded` is what was in memory just before it, by /api/ps, and `digest` tells the model itself among that;
    `window` is when it ran, in ms of Redis's clock.
    """

    seed: str
    digest: str | None
    loaded: tuple[LoadedModel, ...]
    window: tuple[int, int]
    generation: Generation

    def judge(self, bench: Bench, warm_ups_ns: Sequence[int] | None) -> list[Verdict]:
        """`warm_ups_ns` are the load durations of the warm-ups; None for a run that is to be cold."""
        others = [loaded for loaded in self.loaded if not memory.is_model(loaded, bench.model, self.digest)]
        there = len(others) < len(self.loaded)
        about_memory = (self._loading(warm_ups_ns, there=there), memory.other_models(others))
        return [
            *answer.judge(self.generation, bench.options["promptTokens"], bench.options["outputTokens"]),
            *clocks.judge(self.generation),
            *(verdict for verdict in about_memory if verdict),
        ]

    def _loading(self, warm_ups_ns: Sequence[int] | None, *, there: bool) -> Verdict | None:
        if warm_ups_ns is None:
            return memory.still_loaded() if there else None
        return memory.reloaded(self.generation.server.load_ns, warm_ups_ns, there=there)

    def record(self, usage: Usage, found: Sequence[Verdict], rejected: Sequence[Verdict]) -> Json:
        """What the run's figures rest on: `contentUs` and `doneUs` are arrivals in microseconds by `clock`."""
        return {
            "seed": self.seed,
            "loaded": [asdict(model) for model in self.loaded],
            "window": list(self.window),
            "contentUs": [stamp // 1000 for stamp in self.generation.content_ns],
            "doneUs": self.generation.done_ns // 1000,
            "clock": self.generation.clock,
            "server": asdict(self.generation.server),
            "usage": usage.describe(),
            "verdicts": [verdict.describe() for verdict in found],
            "rejected": [verdict.describe() for verdict in rejected],
        }
