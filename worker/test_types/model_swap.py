import secrets
from dataclasses import replace

from common.catalogue.test_type import Point
from common.errors import OllamaHTTPError, OllamaProtocolError, TestFailure
from common.ollama.identity import Identity
from common.ollama.models import InstalledModel, ModelFacts
from common.records.runs import Metrics, RequestDetails
from common.records.test_metrics import TestMetrics
from worker.verdicts.expected import Expected
from worker.workload.prompts import PromptTemplate
from worker.workload.run import RequestResult, RunResult
from worker.workload.run_context import RunContext
from worker.workload.test_type import NO_WARM_UPS, Workload
from worker.workload.wording import duration

RATE = "decodeTokensPerSecond"
PARTNER_PROMPT = PromptTemplate(words=20, fillers=0, ending="")
PARTNER_TOKENS = 16
HALF = 50
PARTNER, ITSELF = "partner", "itself"


class ModelSwap(Workload, implements="model-swap"):
    """Runs that use another model in between. Each run begins with this model in memory, then asks the other one.

    The first answer of this model after that shows the cost of the swap, and represents the run. A second one, with
    nothing in between, shows what a warm model takes.
    """

    warm_ups = NO_WARM_UPS  # a run may start a runner, and `prepare` reads both files once
    partner: RunContext | None = None
    partner_identity: Identity | None = None

    def points(self, context: RunContext) -> list[Point]:
        self.partner, self.partner_identity = context.retry(lambda: find_partner(context))
        context.log(f"the other model is {self.partner.model}")
        return super().points(context)

    def expected_models(self) -> frozenset[Identity]:
        return frozenset({self.partner_identity} if self.partner_identity else ())

    def prepare(self, context: RunContext) -> None:
        super().prepare(context)
        context.retry(lambda: self._ask_partner(secrets.token_hex()))

    def before_run(self, context: RunContext, seed: str) -> None:
        super().before_run(context, seed)
        self._ask_partner(seed)

    def _ask_partner(self, seed: str) -> None:
        if self.partner:
            self.partner.generate(PARTNER_PROMPT.prompt(f"partner {seed}"), PARTNER_TOKENS)

    def perform(self, context: RunContext, seed: str) -> RunResult:
        stayed = context.driver.is_loaded(context.model)
        about: RequestDetails = {"partner": self.partner.model if self.partner else None, "stayed": stayed}
        wanted = Expected(context.options["promptTokens"], context.options["outputTokens"], warm=None)
        back = RequestResult(self.ask(context, self.prompt(context, seed)), wanted, {"after": PARTNER}, about=about)
        again = RequestResult(self.ask(context, self.prompt(context, f"again {seed}")), wanted, {"after": ITSELF})
        own = _own_metrics(back.metrics(RATE), again.metrics(RATE), stayed=stayed)
        return RunResult((back, again), own, main=back.labels)

    def finding(self, metrics: TestMetrics) -> str:
        first, swap, swapped_out = (
            metrics.figure("timeToFirstToken"),
            metrics.figure("swapTime"),
            metrics.get("swappedOut"),
        )
        if swapped_out is None:
            return "The cost of a swap is unknown."
        if swapped_out < HALF:
            return f"Both models fit into memory, without a swap. The first token arrives after {duration(first)}."
        return f"Switching back to the model costs {duration(swap)}. The first token arrives after {duration(first)}."


def _own_metrics(back: Metrics, again: Metrics, *, stayed: bool) -> Metrics:
    """Return the metrics of the swap."""
    slow, quick = back["timeToFirstToken"], again["timeToFirstToken"]
    swap = None if slow is None or quick is None else slow - quick
    return {"swapTime": swap, "swappedOut": 0.0 if stayed else 100.0}


def find_partner(context: RunContext) -> tuple[RunContext, Identity]:
    """Return a context for the other model: the smallest of the session's own, or else of the server's.

    Raises:
        TestFailure: if the server has no other model that generates text.
    """
    this = context.driver.memory.identify(context.model)
    for model in _by_preference(context):
        try:
            facts = context.driver.server.facts(model.name)
        except (OllamaHTTPError, OllamaProtocolError):  # deleted since, or broken: there may be another one
            continue
        other = Identity(model.name, model.digest, facts.weights)
        if not this.matches(other) and _generates_text(facts):
            length = min(context.context_length, facts.context_length or context.context_length)
            return replace(context, model=model.name, facts=facts, context_length=length), other
    raise TestFailure(
        f"{context.model} is the only model of this server that generates text, apart from models with the same "
        "weights; pull another one (ollama pull NAME)"
    )


def _by_preference(context: RunContext) -> list[InstalledModel]:
    installed = context.driver.server.models()
    return sorted(
        installed,
        key=lambda model: (model.name not in context.session_models, model.size is None, model.size or 0, model.name),
    )


def _generates_text(facts: ModelFacts) -> bool:
    return not facts.capabilities or "completion" in facts.capabilities  # old servers report none
