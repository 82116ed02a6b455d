from common.records.test_metrics import TestMetrics
from worker.verdicts.expected import Expected
from worker.workload.run import RequestResult, RunResult
from worker.workload.run_context import RunContext
from worker.workload.test_type import Workload, expected
from worker.workload.wording import duration, ends


class MultiTurn(Workload, implements="multi-turn"):
    """A conversation: each turn sends all that was said before, the model's answers as it gave them, and some words
    more. What is known from the turns before should not have to be read again.
    """

    def perform(self, context: RunContext, seed: str) -> RunResult:
        said, request_results = "", list[RequestResult]()
        for turn in range(1, context.options["turns"] + 1):
            said += self.template.prompt(f"{seed} turn {turn}")
            answer = context.generate(said)
            later = Expected(None, context.options["outputTokens"], cached=True)
            request_results.append(
                RequestResult(answer, later if turn > 1 else expected(context.options), {"turn": turn})
            )
            said += answer.text + "\n"
        return RunResult(
            tuple(request_results), {"timeToFirstToken": request_results[-1].metrics(self.rate)["timeToFirstToken"]}
        )

    def finding(self, metrics: TestMetrics) -> str:
        found = ends(metrics.points, self.test_type.headline)
        if found is None:
            return f"In the last turn the first token comes after {duration(metrics.get(self.test_type.headline))}."
        (_, first), (end, last) = found
        return f"The first token comes after {duration(first)} in turn 1, after {duration(last)} in turn {end['turn']}."
