from common.catalogue.test_type import Point
from common.errors import TestFailure
from common.records.runs import Metrics
from common.records.test_metrics import TestMetrics
from common.units import NS_PER_MS
from worker.ollama.responses import Generation
from worker.verdicts import answer
from worker.verdicts.expected import Expected
from worker.workload.run import RequestResult, RunResult
from worker.workload.run_context import RunContext
from worker.workload.test_type import Workload
from worker.workload.wording import duration, share

QUESTION = (
    "\n\nForget the words above. A train leaves at 9:40 and arrives at 13:05. On its way it stops for 25 minutes."
    " How many minutes does it move? Answer with the number."
)
PERCENT = 100


class Thinking(Workload, implements="thinking"):
    """A small question that takes some reasoning. The answer ends when the model has said what it has to say."""

    ending = QUESTION
    warm_ups = (1, 1)  # each is a whole train of thought, and no two are of one length

    def points(self, context: RunContext) -> list[Point]:
        if "thinking" not in context.facts.capabilities:
            raise TestFailure(
                f"{context.model} does not think, by the capabilities that its server lists; take a model that does, "
                "or a newer Ollama"
            )
        return super().points(context)

    def ask(self, context: RunContext, prompt: str, output_tokens: int | None = None) -> Generation:
        return context.generate(prompt, output_tokens, think=True)

    def perform(self, context: RunContext, seed: str) -> RunResult:
        generation = self.ask(context, self.template.prompt(seed))
        # The template's beginning, which comes before the nonce, is the same in every prompt.
        wanted = Expected(context.options["promptTokens"], None, cached=True)
        request_result = RequestResult(generation, wanted, about={"thought": generation.thought})
        answered = generation.thought < len(generation.content_ns)
        return RunResult(
            (request_result,), own=_own(generation), verdicts=() if answered else (answer.no_answer(generation),)
        )

    def finding(self, metrics: TestMetrics) -> str:
        if metrics.get("timeToAnswer") is None:
            return "Nothing is known of its answers: none was reached within outputTokens."
        thought, first = duration(metrics.get("thinkingTime")), duration(metrics.get("timeToAnswer"))
        of_all = share(metrics.get("thinkingShare"))
        if not metrics.get("thinkingShare"):
            return f"Begins to answer after {first}, without a thought."
        return f"Thinks for {thought} and begins to answer after {first}; {of_all} of what it says is thought."


def _own(generation: Generation) -> Metrics:
    """What is unknown of a run whose tokens ran out before its answer."""
    stamps, thought = generation.content_ns, generation.thought
    if thought >= len(stamps):
        return {"timeToAnswer": None, "thinkingTime": None, "thinkingShare": None}
    return {
        "timeToAnswer": stamps[thought] / NS_PER_MS,
        "thinkingTime": (stamps[thought] - stamps[0]) / NS_PER_MS,
        "thinkingShare": PERCENT * thought / len(stamps),
    }
