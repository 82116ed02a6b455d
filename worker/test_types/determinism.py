import hashlib
from collections.abc import Sequence
from itertools import takewhile

from common.records.runs import Metrics, RequestDetails, RequestRecord
from common.records.test_metrics import TestMetrics
from common.store.tables import Run
from worker.ollama.responses import Generation
from worker.verdicts.expected import Expected
from worker.workload.point_runs import PointRuns
from worker.workload.run import RequestResult, RunResult
from worker.workload.run_context import RunContext
from worker.workload.test_type import LIST_PROMPT, Workload

PERCENT = 100.0


class Determinism(Workload, implements="determinism"):
    """The same prompt in every run, at temperature 0 and with a fixed seed. The first run's answer, as it is stored, is
    what all others are held against, also those of a worker that takes the test up again.

    Before each run another prompt is asked, so that a server with one slot has to evaluate the prompt anew.
    """

    ending = LIST_PROMPT

    def before_run(self, context: RunContext, seed: str) -> None:
        context.generate(self.template.prompt(f"spare {seed}"), 1)

    def warm_up(self, context: RunContext, seed: str) -> RunResult:
        """Of a prompt that is not the test's, at the usual temperature: fewer loops, which end a stream."""
        return super().perform(context, seed)

    def perform(self, context: RunContext, seed: str) -> RunResult:
        first = _said(context.runs[0]) if context.runs else None
        prompt = first["prompt"] if first else self.template.prompt(seed)
        generation = context.generate(prompt, temperature=0.0)
        # The test is of whatever comes: a greedy answer may end early, and does so each time.
        request_result = RequestResult(generation, Expected(None, None, cached=True), about=_about(prompt, generation))
        same = shared(first["text"], generation.text) if first else None
        return RunResult((request_result,), own={"sameAnswer": same})

    def overall(self, measured_points: Sequence[PointRuns]) -> Metrics:
        shares = [share for point_runs in measured_points for share in point_runs.by_run("sameAnswer")]
        alike = sum(share == PERCENT for share in shares)
        return {"identicalAnswers": PERCENT * alike / len(shares) if shares else None}

    def finding(self, metrics: TestMetrics) -> str:
        known, alike = metrics.statistics.get("sameAnswer"), metrics.get("identicalAnswers")
        if known is None or alike is None:
            return "One answer alone tells nothing of others."
        number = round(alike * known["n"] / PERCENT)
        return f"{number} of {known['n']} further answers were the first one, word for word."


def shared(reference: str, text: str) -> float:
    """The share of the longer one, in percent, that comes before their first difference; 100 where there is none."""
    longest = max(len(reference), len(text))
    alike = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(reference, text, strict=False)))
    return PERCENT * alike / longest if longest else PERCENT


def _said(run: Run) -> RequestRecord:
    (request,) = run.record["requests"]
    return request


def _about(prompt: str, generation: Generation) -> RequestDetails:
    """`promptCached` is whether the server knew most of the prompt; None where it does not say."""
    cached, half = generation.server.cached_tokens, generation.server.prompt_tokens / 2
    return {
        "prompt": prompt,
        "text": generation.text,
        "sha256": hashlib.sha256(generation.text.encode()).hexdigest(),
        "promptCached": None if cached is None else cached > half,
    }
