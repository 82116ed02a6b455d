import secrets
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
    Workload,
    expected,
)
from worker.workload.wording import by_point, rate, share, value_by_point

OPTION = "offloadPercent"
PERCENT = 100
PROBE = PromptTemplate(words=8, fillers=0, ending="")


class OffloadSweep(Workload, implements="offload-sweep"):
    """Decode with a growing share of the model's layers on the GPU.

    The share is never larger than the server itself chooses, because the server could crash. A server that puts nothing
    on a GPU is not tested.
    """

    splits = True
    separate = True

    def points(self, context: RunContext) -> list[Point]:
        if context.facts.layers is None:
            raise TestFailure(
                f"the server does not report how many layers {context.model} has (block_count of /api/show)"
            )
        largest = context.retry(lambda: self._largest_share(context))
        wanted = super().points(context)
        points = [point for point in wanted if int(point[OPTION]) <= round(largest)]
        if not points:
            raise TestFailure(f"the GPU holds {share(largest)} of {context.model}; set {OPTION} to at most that")
        if len(points) < len(wanted):
            context.log(f"{OPTION} is limited to {share(largest)}, which the server itself puts on the GPU")
        return points

    def _largest_share(self, context: RunContext) -> float:
        """Return the share of the model (%) that the server puts on the GPU if a request does not set the layers.

        A model in memory keeps its layers, and those may be of a run that an earlier worker measured.
        """
        if context.runs:
            context.driver.unload(context.model)
        context.generate(PROBE.prompt(f"placing {context.seed}"), 1)
        found = _vram_share(context)
        if not found:
            raise TestFailure(
                f"the server has no part of {context.model} on a GPU (size_vram of /api/ps is 0); this test is for "
                "machines with a GPU that Ollama uses"
            )
        return found

    def prepare(self, context: RunContext) -> None:
        """Load the model with this share of its layers, before the warm-ups."""
        super().prepare(context)
        context.retry(lambda: self.count(context, self.prompt(context, secrets.token_hex())))

    def ask(self, context: RunContext, prompt: str, output_tokens: int | None = None) -> Generation:
        return context.generate(prompt, output_tokens, gpu_layers=_layers(context))

    def perform(self, context: RunContext, seed: str) -> RunResult:
        request_result = RequestResult(self.ask(context, self.prompt(context, seed)), expected(context.options))
        found = _vram_share(context)
        ignored = memory.offload_ignored(_layers(context), found)
        return RunResult((request_result,), own={"vramShare": found}, verdicts=(ignored,) if ignored else ())

    def main(self, measured_points: Sequence[PointRuns]) -> PointRuns:
        return max(measured_points, key=lambda point_runs: int(point_runs.point[OPTION]))

    def finding(self, metrics: TestMetrics) -> str:
        values = value_by_point(metrics.points, self.test_type.headline)
        known = sorted((int(point[OPTION]), value) for point, value in values)
        if len(known) < 2:  # noqa: PLR2004 - a step is between two
            return f"The model writes {rate(metrics.figure(self.test_type.headline))}. Other shares were not tested."
        found = {
            int(point[OPTION]): statistic for point, statistic in by_point(metrics.points, self.test_type.headline)
        }
        smallest, largest = min(found), max(found)
        below, above = _largest_step(known)
        return (
            f"The model writes {rate(found[largest])} with {largest} % of its layers on the GPU, and "
            f"{rate(found[smallest])} with {smallest} %. The largest step is from {above} % to {below} %."
        )


def _layers(context: RunContext) -> int:
    """Return num_gpu. The output counts as one more layer than block_count."""
    whole = (context.facts.layers or 0) + 1
    return round(whole * int(context.options[OPTION]) / PERCENT)


def _vram_share(context: RunContext) -> float | None:
    """Return the share of the model's bytes on the GPU in percent; None if /api/ps does not report it."""
    loaded = context.driver.find(context.model)
    if loaded is None or not loaded.size or loaded.size_vram is None:
        return None
    return PERCENT * loaded.size_vram / loaded.size


def _largest_step(known: Sequence[tuple[int, float]]) -> tuple[int, int]:
    """Return the neighbouring shares between which the rate changes by the largest factor."""
    steps = [(above / below, low, high) for (low, below), (high, above) in pairwise(known)]
    _, low, high = max(steps)
    return low, high
