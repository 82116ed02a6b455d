import secrets

from common.catalogue.test_type import Point
from common.records.runs import Metrics, RequestDetails
from common.records.test_metrics import TestMetrics
from worker.verdicts.expected import Expected
from worker.workload import second_model
from worker.workload import test_type as workload
from worker.workload.prompts import PromptTemplate
from worker.workload.run import RequestResult, RunResult
from worker.workload.run_context import RunContext
from worker.workload.test_type import Workload
from worker.workload.wording import duration

RATE = "decodeTokensPerSecond"
SMALL_TALK = PromptTemplate(words=20, fillers=0, ending="")
FEW_TOKENS = 16
HALF = 50
PARTNER, ITSELF = "partner", "itself"


class ModelSwap(Workload, implements="model-swap"):
    """Each run begins with this model in memory. Then another one is asked, then this one again: its first answer is
    what the swap is measured by. One more, with nothing in between, tells what a warm model takes.
    """

    warm_ups = workload.COLD  # a run may start a runner, and `prepare` has both files read once
    partner: RunContext | None = None

    def points(self, context: RunContext) -> list[Point]:
        self.partner = context.retry(lambda: second_model.context(context))
        context.log(f"the other model is {self.partner.model}")
        return super().points(context)

    def expected_models(self) -> frozenset[str]:
        return frozenset({self.partner.model} if self.partner else ())

    def prepare(self, context: RunContext) -> None:
        super().prepare(context)
        context.retry(lambda: self._ask_partner(secrets.token_hex()))

    def before_run(self, context: RunContext, seed: str) -> None:
        super().before_run(context, seed)
        self._ask_partner(seed)

    def _ask_partner(self, seed: str) -> None:
        if self.partner:
            self.partner.generate(SMALL_TALK.prompt(f"partner {seed}"), FEW_TOKENS)

    def perform(self, context: RunContext, seed: str) -> RunResult:
        stayed = context.driver.is_loaded(context.model)
        about: RequestDetails = {"partner": self.partner.model if self.partner else None, "stayed": stayed}
        wanted = Expected(context.options["promptTokens"], context.options["outputTokens"], warm=None)
        back = RequestResult(self.ask(context, self.template.prompt(seed)), wanted, {"after": PARTNER}, about=about)
        again = RequestResult(self.ask(context, self.template.prompt(f"again {seed}")), wanted, {"after": ITSELF})
        return RunResult((back, again), own=_own(back.metrics(RATE), again.metrics(RATE), stayed=stayed))

    def finish(self, context: RunContext) -> None:
        if self.partner:
            context.driver.unload(self.partner.model)

    def finding(self, metrics: TestMetrics) -> str:
        first, swap, out = (metrics.get(name) for name in ("timeToFirstToken", "swapTime", "swappedOut"))
        if out is None:
            return "Nothing is known of a swap."
        if out < HALF:
            return f"Both models fit into memory: no swap, and the first token comes after {duration(first)}."
        return f"Going back to the model costs {duration(swap)}: the first token comes after {duration(first)}."


def _own(back: Metrics, again: Metrics, *, stayed: bool) -> Metrics:
    """The run's metrics are those of the first answer after the other model's."""
    slow, quick = back["timeToFirstToken"], again["timeToFirstToken"]
    swap = None if slow is None or quick is None else slow - quick
    return {**back, "swapTime": swap, "swappedOut": 0.0 if stayed else 100.0}
