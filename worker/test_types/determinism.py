import hashlib
from collections.abc import Sequence
from itertools import takewhile

from common.records.runs import Metrics, RequestDetails, RequestRecord
from common.records.test_metrics import TestMetrics
from common.stats.intervals import proportion
from common.store.tables import Run
from common.values.units import joined, three_digits
from worker.ollama.responses import Generation
from worker.verdicts.expected import Expected
from worker.workload.point_runs import PointRuns
from worker.workload.run import RequestResult, RunResult
from worker.workload.run_context import RunContext
from worker.workload.test_type import Workload
from worker.workload.wording import share

PERCENT = 100.0


class Determinism(Workload, implements="determinism"):
    """The same prompt in every run, at temperature 0 and with a fixed seed.

    All answers are compared with the stored answer of the first run, also after a takeover by another worker. Before
    each run, another prompt is sent, so that a server with one slot evaluates the prompt again.
    """

    def before_run(self, context: RunContext, seed: str) -> None:
        context.generate(self.prompt(context, f"spare {seed}"), 1)

    def warm_up(self, context: RunContext, seed: str) -> RunResult:
        """Warm up with another prompt, at the usual temperature: the model repeats itself less, which ends a stream."""
        return super().perform(context, seed)

    def perform(self, context: RunContext, seed: str) -> RunResult:
        first = _request(context.runs[0]) if context.runs else None
        prompt = first["prompt"] if first else self.prompt(context, seed)
        generation = context.generate(prompt, temperature=0.0)
        # Any answer is accepted: a greedy answer may end early, and then does so each time.
        request_result = RequestResult(generation, Expected(None, None, cached=True), about=_about(prompt, generation))
        same = shared_percent(first["text"], generation.text) if first else None
        return RunResult((request_result,), own={"sameAnswer": same})

    def overall(self, measured_points: Sequence[PointRuns]) -> Metrics:
        shares = [share for point_runs in measured_points for share in point_runs.by_run("sameAnswer")]
        alike = sum(share == PERCENT for share in shares)
        return {"identicalAnswers": PERCENT * alike / len(shares) if shares else None}

    def finding(self, metrics: TestMetrics) -> str:
        known, alike = metrics.statistics.get("sameAnswer"), metrics.get("identicalAnswers")
        if known is None or alike is None:
            return "There is only one answer, so there is nothing to compare it with."
        identical = round(alike * known["n"] / PERCENT)
        low, high = (PERCENT * bound for bound in proportion.interval(identical, known["n"]))
        return (
            f"{identical} of {known['n']} further answers were identical to the first: {share(alike)} "
            f"({joined(three_digits(low), three_digits(high))})."
        )

    def conclusion(self, metrics: TestMetrics) -> str:
        """Return the finding, whose interval is that of a share and needs no number of runs."""
        return self.finding(metrics)


def shared_percent(reference: str, text: str) -> float:
    """Return the share of the longer text before the first difference, in percent."""
    longest = max(len(reference), len(text))
    alike = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(reference, text, strict=False)))
    return PERCENT * alike / longest if longest else PERCENT


def _request(run: Run) -> RequestRecord:
    (request,) = run.record["requests"]
    return request


def _about(prompt: str, generation: Generation) -> RequestDetails:
    """Return what is stored of an answer. `promptCached` is True if most of the prompt was cached, None if unknown."""
    cached, half = generation.server.cached_tokens, (generation.server.prompt_tokens or 0) / 2
    return {
        "prompt": prompt,
        "text": generation.text,
        "sha256": hashlib.sha256(generation.text.encode()).hexdigest(),
        "promptCached": None if cached is None else cached > half,
    }
