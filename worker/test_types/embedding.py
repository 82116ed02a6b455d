import secrets
from collections.abc import Sequence
from functools import partial

from common.catalogue.test_type import Point
from common.records.runs import Metrics
from common.records.test_metrics import TestMetrics
from common.units import NS_PER_S
from worker.ollama.responses import Embeddings, Generation
from worker.verdicts import answer
from worker.verdicts.expected import Expected
from worker.workload.point_runs import PointRuns
from worker.workload.run import RequestResult, RunResult
from worker.workload.run_context import RunContext
from worker.workload.test_type import Workload
from worker.workload.wording import ends, rate

UNIT = "embeddings/s"


class Embedding(Workload, implements="embedding"):
    """Inputs of several lengths, one and many a request, to /api/embed. The heaviest request stands for the test."""

    rate = "promptTokensPerSecond"
    tokens: int

    def ask(self, context: RunContext, prompt: str, output_tokens: int | None = None) -> Generation:
        return _embed(context, [prompt]).answer

    def prepare(self, context: RunContext) -> None:
        """`tokens` are those of an input as it is counted, which may be one off those that were asked for."""
        count = partial(self.count, context)
        self.template = context.calibrate(context.options["inputTokens"], "", count)
        self.tokens = context.retry(lambda: count(self.template.prompt(secrets.token_hex())))

    def perform(self, context: RunContext, seed: str) -> RunResult:
        batch = context.options["batchSize"]
        found = _embed(context, [self.template.prompt(f"{seed} {number}") for number in range(batch)])
        request_result = RequestResult(
            found.answer, Expected(batch * self.tokens, None), about={"embeddings": found.count}
        )
        missing = answer.embeddings(found.count, batch)
        return RunResult((request_result,), own=_own(found), verdicts=(missing,) if missing else ())

    def main(self, measured_points: Sequence[PointRuns]) -> PointRuns:
        return max(
            measured_points, key=lambda point_runs: (point_runs.point["inputTokens"], point_runs.point["batchSize"])
        )

    def finding(self, metrics: TestMetrics) -> str:
        found = ends(metrics.points, self.test_type.headline)
        if found is None:
            return f"Embeds at {rate(metrics.get(self.test_type.headline), UNIT)}."
        (light, first), (heavy, last) = found
        return f"Embeds {_said(light)}, at {rate(first, UNIT)}; {_said(heavy)}, at {rate(last, UNIT)}."


def _said(point: Point) -> str:
    return f"inputs of {point['inputTokens']} tokens, {point['batchSize']} a request"


def _embed(context: RunContext, inputs: Sequence[str]) -> Embeddings:
    context.ensure_active()
    return context.driver.embed(context.model, inputs, context.context_length)


def _own(found: Embeddings) -> Metrics:
    """The vectors come at once, so there is no first token; and the server does not tell waiting from working."""
    server, wall_ns = found.answer.server, found.answer.done_ns
    worked_ns = server.total_ns - server.load_ns
    return {
        "embeddingsPerSecond": found.count * NS_PER_S / wall_ns if wall_ns > 0 else None,
        "promptTokensPerSecond": server.prompt_tokens * NS_PER_S / worked_ns if worked_ns > 0 else None,
        "timeToFirstToken": None,
        "queueTime": None,
    }
