from common.catalogue.test_type import Point
from common.errors import TestFailure
from common.records.runs import Metrics
from common.records.test_metrics import TestMetrics
from common.stats.censored import CENSORED
from common.values.units import NS_PER_MS
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
    """A small question that needs some reasoning. The model ends the answer by itself."""

    ending = QUESTION
    warm_ups = (1, 1)  # each is a complete answer, and their lengths differ

    def points(self, context: RunContext) -> list[Point]:
        if self.test_type.needs not in context.facts.capabilities:
            raise TestFailure(
                f"{context.model} does not think, according to the capabilities that its server lists; "
                "use a model that does, or a newer Ollama"
            )
        return super().points(context)

    def ask(self, context: RunContext, prompt: str, output_tokens: int | None = None) -> Generation:
        return context.generate(prompt, output_tokens, think=True)

    def perform(self, context: RunContext, seed: str) -> RunResult:
        generation = self.ask(context, self.prompt(context, seed))
        # The model's own template begins before the nonce, and is the same in every prompt.
        expected = Expected(context.options["promptTokens"], None, cached=True)
        request_result = RequestResult(generation, expected, about={"thought": generation.thought})
        is_answered = generation.thought < len(generation.content_ns)
        verdicts = () if is_answered else (answer.no_answer(generation),)
        return RunResult((request_result,), own=_own_metrics(generation), verdicts=verdicts)

    def finding(self, metrics: TestMetrics) -> str:
        unanswered = _unanswered(metrics)
        if metrics.get("timeToAnswer") is None:
            return f"{unanswered or 'No answer was reached within outputTokens'}, so the time to an answer is unknown."
        begins = f"begins to answer after {duration(metrics.figure('timeToAnswer'))}"
        if not metrics.get("thinkingShare"):
            return f"The model {begins}, without thinking.{_sentence(unanswered)}"
        thinking, of_all = duration(metrics.figure("thinkingTime")), share(metrics.figure("thinkingShare"))
        return (
            f"The model thinks for {thinking} and {begins}. Thinking is {of_all} of its output.{_sentence(unanswered)}"
        )


def _unanswered(metrics: TestMetrics) -> str:
    """Return how many runs were cut before the answer, empty if none or all were."""
    known = metrics.statistics.get("timeToAnswer")
    if known is None or known.get("censored", 0) in {0, known["n"]}:
        return ""
    return f"{known['censored']} of {known['n']} runs reached no answer within outputTokens"


def _sentence(words: str) -> str:
    return f" {words}." if words else ""


def _own_metrics(generation: Generation) -> Metrics:
    """Return the metrics of thinking.

    If the tokens were used up before the answer, it would have taken longer than that: its time is censored.
    """
    stamps, thought = generation.content_ns, generation.thought
    if thought >= len(stamps):
        return {"timeToAnswer": CENSORED, "thinkingTime": CENSORED, "thinkingShare": float(PERCENT)}
    return {
        "timeToAnswer": stamps[thought] / NS_PER_MS,
        "thinkingTime": (stamps[thought] - stamps[0]) / NS_PER_MS,
        "thinkingShare": PERCENT * thought / len(stamps),
    }
