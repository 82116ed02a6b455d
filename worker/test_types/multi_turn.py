from common.records.test_metrics import TestMetrics
from worker.verdicts.expected import Expected
from worker.workload.run import RequestResult, RunResult
from worker.workload.run_context import RunContext
from worker.workload.test_type import Workload, expected
from worker.workload.wording import duration, first_and_last


class MultiTurn(Workload, implements="multi-turn"):
    """A conversation: each turn sends everything before it, with the model's own answers, and some new words.

    The server should not have to read the earlier turns again. The last turn represents the run.
    """

    def perform(self, context: RunContext, seed: str) -> RunResult:
        conversation, request_results = "", list[RequestResult]()
        for turn in range(1, context.options["turns"] + 1):
            conversation += self.prompt(context, f"{seed} turn {turn}")
            answer = context.generate(conversation)
            later = Expected(None, context.options["outputTokens"], cached=True)
            wanted = later if turn > 1 else expected(context.options)
            request_results.append(RequestResult(answer, wanted, {"turn": turn}))
            conversation += answer.text + "\n"
        return RunResult(tuple(request_results), main=request_results[-1].labels)

    def finding(self, metrics: TestMetrics) -> str:
        found = first_and_last(metrics.points, self.test_type.headline)
        if found is None:
            return (
                f"In the last turn, the first token arrives after {duration(metrics.figure(self.test_type.headline))}."
            )
        (_, first), (end, last) = found
        return f"The first token arrives after {duration(first)} in turn 1, and {duration(last)} in turn {end['turn']}."
