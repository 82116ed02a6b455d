from collections.abc import Sequence
from itertools import pairwise

from common.catalogue.test_type import Point
from common.errors import TestFailure
from common.records.test_metrics import TestMetrics
from worker.ollama.responses import Generation
from worker.verdicts import memory
from worker.workload.point_runs import PointRuns
from worker.workload.prompts import PromptTemplate
from worker.workload.run import RequestResult, RunResult
from worker.workload.run_context import RunContext
from worker.workload.test_type import (
    LIST_PROMPT,
    Workload,
    expected,
)
from worker.workload.wording import at, rate, share

OPTION = "offloadPercent"
PERCENT = 100
PROBE = PromptTemplate(words=8, fillers=0, ending="")


class OffloadSweep(Workload, implements="offload-sweep"):
    """Decode with a growing share of the model's layers on the GPU. Never more than the server itself puts there, as it
    might die of it; and nothing is asked of a server that puts nothing there.
    """

    ending = LIST_PROMPT
    splits = True

    def points(self, context: RunContext) -> list[Point]:
        if context.facts.layers is None:
            raise TestFailure(
                f"the server does not tell how many layers {context.model} has (block_count of /api/show)"
            )
        most = context.retry(lambda: self._most(context))
        wanted = super().points(context)
        points = [point for point in wanted if int(point[OPTION]) <= round(most)]
        if not points:
            raise TestFailure(f"the GPU holds {share(most)} of {context.model}; ask for {OPTION} of that at most")
        if len(points) < len(wanted):
            context.log(f"no {OPTION} above {share(most)}: by itself the server puts no more of the model on the GPU")
        return points

    def _most(self, context: RunContext) -> float:
        """Return the share of the model (%) that the server puts on the GPU if a request does not set the layers.

        A model in memory keeps its layers, and those may be of a run that an earlier worker measured.
        """
        if context.runs:
            context.driver.unload(context.model)
        context.generate(PROBE.prompt(f"placing {context.seed}"), 1)
        found = _vram_share(context)
        if not found:
            raise TestFailure(
                f"the server has nothing of {context.model} on a GPU (size_vram of /api/ps is 0); this test is for "
                "machines whose GPU Ollama uses"
            )
        return found

    def ask(self, context: RunContext, prompt: str, output_tokens: int | None = None) -> Generation:
        return context.generate(prompt, output_tokens, gpu_layers=_layers(context))

    def perform(self, context: RunContext, seed: str) -> RunResult:
        request_result = RequestResult(self.ask(context, self.template.prompt(seed)), expected(context.options))
        found = _vram_share(context)
        ignored = memory.offload_ignored(_layers(context), found)
        return RunResult((request_result,), own={"vramShare": found}, verdicts=(ignored,) if ignored else ())

    def main(self, measured_points: Sequence[PointRuns]) -> PointRuns:
        return max(measured_points, key=lambda point_runs: int(point_runs.point[OPTION]))

    def finding(self, metrics: TestMetrics) -> str:
        known = sorted((int(point[OPTION]), value) for point, value in at(metrics.points, self.test_type.headline))
        if len(known) < 2:  # noqa: PLR2004 - a fall is between two
            return (
                f"Writes at {rate(metrics.get(self.test_type.headline))}; one share of the layers alone tells no fall."
            )
        (least, slow), (most, fast) = known[0], known[-1]
        below, above = _cliff(known)
        return (
            f"Writes at {rate(fast)} with {most} % of its layers on the GPU and at {rate(slow)} with {least} %; "
            f"the largest step is from {above} % to {below} %."
        )


def _layers(context: RunContext) -> int:
    """num_gpu. The output counts as a layer beyond the model's own (block_count)."""
    whole = (context.facts.layers or 0) + 1
    return round(whole * int(context.options[OPTION]) / PERCENT)


def _vram_share(context: RunContext) -> float | None:
    """In percent, by bytes; None where the model is not listed."""
    sizes = [
        (loaded.size_vram, loaded.size) for loaded in context.driver.server.loaded() if loaded.name == context.model
    ]
    return next((PERCENT * vram / size for vram, size in sizes if size), None)


def _cliff(known: Sequence[tuple[int, float]]) -> tuple[int, int]:
    """The neighbouring shares between which the rate changes by the largest factor."""
    steps = [(above / below, low, high) for (low, below), (high, above) in pairwise(known)]
    _, low, high = max(steps)
    return low, high
