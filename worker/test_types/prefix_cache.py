from collections.abc import Sequence

from common.records.test_metrics import TestMetrics
from worker.verdicts.expected import Expected
from worker.workload.point_runs import PointRuns
from worker.workload.run import RequestResult, RunResult
from worker.workload.run_context import RunContext
from worker.workload.test_type import Workload, expected
from worker.workload.wording import duration, share

FIRST, SECOND = "\nThe first question:", "\nThe second question:"


class PrefixCache(Workload, implements="prefix-cache"):
    """Each run asks two questions behind one long text of its own: to the first the text is new, to the second the
    server should know it. The longest text stands for the test.
    """

    ending = FIRST

    def perform(self, context: RunContext, seed: str) -> RunResult:
        prompt = self.template.prompt(seed)
        new = context.generate(prompt)
        cached = context.generate(prompt.removesuffix(FIRST) + SECOND)
        known = Expected(None, context.options["outputTokens"], cached=True)
        asked = (
            RequestResult(new, expected(context.options), {"prefix": "new"}),
            RequestResult(cached, known, {"prefix": "cached"}),
        )
        before, after = (request_result.metrics(self.rate)["timeToFirstToken"] for request_result in asked)
        saved = 100 * (1 - after / before) if before and after else None
        return RunResult(asked, {"timeToFirstToken": after, "uncachedTimeToFirstToken": before, "cacheSaving": saved})

    def main(self, measured_points: Sequence[PointRuns]) -> PointRuns:
        return max(measured_points, key=lambda point_runs: int(point_runs.point["promptTokens"]))

    def finding(self, metrics: TestMetrics) -> str:
        before, after = duration(metrics.get("uncachedTimeToFirstToken")), duration(metrics.get("timeToFirstToken"))
        return (
            f"A known beginning saves {share(metrics.get('cacheSaving'))} of the wait for the first token: "
            f"{after} instead of {before}."
        )
