import secrets
from collections.abc import Sequence

from common.records.runs import Metrics
from common.records.test_metrics import TestMetrics
from common.values.free_json import Json
from common.values.units import NS_PER_S
from worker.ollama.responses import Embeddings, Generation, ServerReport
from worker.verdicts import answer
from worker.verdicts.expected import Expected
from worker.workload.point_runs import PointRuns
from worker.workload.run import RequestResult, RunResult
from worker.workload.run_context import RunContext
from worker.workload.test_type import Workload
from worker.workload.wording import first_and_last, rate

UNIT = "embeddings/s"


class Embedding(Workload, implements="embedding"):
    """Inputs of several lengths and in several batch sizes, for /api/embed. The largest request represents the test."""

    rate = "promptTokensPerSecond"
    ending = ""  # nothing is written
    prompt_length = "inputTokens"

    def __init__(self) -> None:
        super().__init__()
        self.tokens: dict[int, int] = {}

    def ask(self, context: RunContext, prompt: str, output_tokens: int | None = None) -> Generation:
        return _embed(context, [prompt]).answer

    def prepare(self, context: RunContext) -> None:
        """Calibrate the inputs. `tokens` are their counted lengths, which may be one off the requested ones."""
        super().prepare(context)
        length = context.options["inputTokens"]
        if length not in self.tokens:
            self.tokens[length] = context.retry(lambda: self.count(context, self.prompt(context, secrets.token_hex())))

    def perform(self, context: RunContext, seed: str) -> RunResult:
        batch = context.options["batchSize"]
        found = _embed(context, [self.prompt(context, f"{seed} {number}") for number in range(batch)])
        wanted = Expected(batch * self.tokens[context.options["inputTokens"]], None)
        request_result = RequestResult(found.answer, wanted, about={"embeddings": found.count})
        missing = answer.embeddings(found.count, batch)
        return RunResult((request_result,), own=_own_metrics(found), verdicts=(missing,) if missing else ())

    def main(self, measured_points: Sequence[PointRuns]) -> PointRuns:
        return max(
            measured_points, key=lambda point_runs: (point_runs.point["inputTokens"], point_runs.point["batchSize"])
        )

    def finding(self, metrics: TestMetrics) -> str:
        found = first_and_last(metrics.points, self.test_type.headline)
        if found is None:
            return f"The model makes {rate(metrics.figure(self.test_type.headline), UNIT)}."
        (light, first), (heavy, last) = found
        return (
            f"The model makes {rate(first, UNIT)} with {_inputs(light)}, and {rate(last, UNIT)} with {_inputs(heavy)}."
        )


def _inputs(point: Json) -> str:
    return f"{point['batchSize']} input{'s' * (point['batchSize'] > 1)} of {point['inputTokens']} tokens per request"


def _embed(context: RunContext, inputs: Sequence[str]) -> Embeddings:
    context.ensure_active()
    return context.driver.embed(context.model, inputs, context.context_length)


def _own_metrics(found: Embeddings) -> Metrics:
    """Return the metrics. Vectors arrive at once, without a first token, and the time in the queue is unknown."""
    server, wall_ns = found.answer.server, found.answer.done_ns
    return {
        "embeddingsPerSecond": found.count * NS_PER_S / wall_ns if wall_ns > 0 else None,
        "promptTokensPerSecond": _token_rate(server),
        "timeToFirstToken": None,
        "queueTime": None,
    }


def _token_rate(server: ServerReport) -> float | None:
    """Return the tokens per second of the time after the load; None if the server does not report one of these."""
    if server.prompt_tokens is None or server.total_ns is None or server.load_ns is None:
        return None
    worked_ns = server.total_ns - server.load_ns
    return server.prompt_tokens * NS_PER_S / worked_ns if worked_ns > 0 else None
