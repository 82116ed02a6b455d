from collections.abc import Sequence

from common.records.test_metrics import TestMetrics
from worker.verdicts.expected import Expected
from worker.workload.point_runs import PointRuns
from worker.workload.run import RequestResult, RunResult
from worker.workload.run_context import RunContext
from worker.workload.test_type import LIST_PROMPT, Workload, expected
from worker.workload.wording import duration, share

FIRST, SECOND = LIST_PROMPT, "\nMany colours, one a line:\n1. red\n2. blue\n3."


class PrefixCache(Workload, implements="prefix-cache"):
    """Two endings of one long text per run: the text is new to the server at the first, and known at the second.

    The longest text represents the test, and the second question the run.
    """

    def perform(self, context: RunContext, seed: str) -> RunResult:
        prompt = self.prompt(context, seed)
        new = context.generate(prompt)
        cached = context.generate(prompt.removesuffix(FIRST) + SECOND)
        known = Expected(None, context.options["outputTokens"], cached=True)
        request_results = (
            RequestResult(new, expected(context.options), {"prefix": "new"}),
            RequestResult(cached, known, {"prefix": "cached"}),
        )
        before, after = (result.metrics(self.rate)["timeToFirstToken"] for result in request_results)
        saved = 100 * (1 - after / before) if before and after else None
        own = {"timeToFirstToken": after, "uncachedTimeToFirstToken": before, "cacheSaving": saved}
        return RunResult(request_results, own, main=request_results[-1].labels)

    def main(self, measured_points: Sequence[PointRuns]) -> PointRuns:
        return max(measured_points, key=lambda point_runs: int(point_runs.point["promptTokens"]))

    def finding(self, metrics: TestMetrics) -> str:
        before, after = (duration(metrics.figure(name)) for name in ("uncachedTimeToFirstToken", "timeToFirstToken"))
        saved = share(metrics.figure("cacheSaving"))
        return f"A known beginning saves {saved} of the wait for the first token: {after} instead of {before}."
