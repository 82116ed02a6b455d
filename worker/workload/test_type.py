"""What a test type is to the worker: a description for clients, what a run does, and what came out in one sentence.

Each file of worker/test_types/ defines one subclass, which registers itself; adding a test type touches no other file.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any, ClassVar

from common.catalogue.test_types import Option, Options, Point, TestType
from common.stats import summary
from common.store.tables import Run
from worker.ollama.request_metrics import Figures
from worker.ollama.responses import Generation
from worker.verdicts import series
from worker.verdicts.expected import Expected
from worker.workload.point_runs import PointRuns
from worker.workload.prompts import PromptTemplate
from worker.workload.run import RequestResult, RunResult
from worker.workload.run_context import RunContext

REGISTRY: "dict[str, type[Workload]]" = {}

Json = dict[str, Any]

COLD = (0, 0)
"""No warm-ups, for a test type whose runs are to begin cold."""
LIST_PROMPT = "\nA list of a hundred things:\n1. river\n2. stone\n3."
"""An ending that keeps a model writing: a list to go on with."""


class Workload:
    """One test of its type, from its first point to its finding. The methods are called in the order they stand here;
    those that do not fit a type are its own. By default a run is one request to a warm model.

    `rate` is the metric that stands as the test's tokensPerSecond; `ending` closes each prompt; `warm_ups` is how many
    runs warm up each point, at least and at most; `splits` is whether the model is meant to be partly on the CPU;
    `template` is that of the prompts at the point in hand.
    """

    test_type: ClassVar[TestType]
    rate: ClassVar[str] = "decodeTokensPerSecond"
    ending: ClassVar[str] = ""
    warm_ups: ClassVar[tuple[int, int]] = (2, 5)
    splits: ClassVar[bool] = False
    template: PromptTemplate

    def __init_subclass__(cls) -> None:
        if "test_type" in vars(cls):  # a variant keeps its parent's
            REGISTRY[cls.test_type.name] = cls

    @property
    def warm(self) -> bool:
        """Whether runs are to begin with the model in memory."""
        return self.warm_ups != COLD

    def points(self, context: RunContext) -> list[Point]:
        """What the test is measured at, in order.

        Raises:
            TestFailure: when the model or its server cannot do what the test asks.
        """
        return self.test_type.points(context.options)

    def expected_models(self) -> frozenset[str]:
        """The models that belong into memory beside the one under test."""
        return frozenset()

    def ask(self, context: RunContext, prompt: str, output_tokens: int | None = None) -> Generation:
        """Every request of the test but those that `perform` makes in another way."""
        return context.generate(prompt, output_tokens)

    def count(self, context: RunContext, prompt: str) -> int:
        """The tokens of a prompt (prompt_eval_count), asked as the test asks."""
        return self.ask(context, prompt, 1).server.prompt_tokens

    def prepare(self, context: RunContext) -> None:
        """Get ready for the runs at a point, whose values are in the bench's options."""
        self.template = context.calibrate(context.options["promptTokens"], self.ending, partial(self.count, context))

    def before_run(self, context: RunContext, seed: str) -> None:
        """Bring the server to the state that a run starts from: here, with the model in memory."""
        if not context.driver.is_loaded(context.model):
            self.ask(context, self.template.prompt(f"spare {seed}"))

    def warm_up(self, context: RunContext, seed: str) -> RunResult:
        return self.perform(context, seed)

    def perform(self, context: RunContext, seed: str) -> RunResult:
        """One run. Every prompt comes from the seed, and no two seeds are alike."""
        generation = self.ask(context, self.template.prompt(seed))
        return RunResult((RequestResult(generation, expected(context.options)),))

    def finish(self, context: RunContext) -> None:
        """Leave the server as it was found; called once the test has ended, however it did."""

    def progress(self, options: Options, runs: Sequence[Run]) -> float:
        """Which share of a point's runs is done, 0 to 1, as far as can be told."""
        return min(1.0, len(runs) / int(options["maxRepetitions"]))

    def enough(self, options: Options, runs: Sequence[Run]) -> bool:
        """Whether a point needs no further run: the median of the headline metric is known well, or runs are out."""
        if len(runs) < options["minRepetitions"]:
            return False
        if len(runs) >= options["maxRepetitions"]:
            return True
        headline = [run.metrics[self.test_type.headline] for run in runs]
        known = summary.relative_half_width([value for value in headline if value is not None])
        return known is not None and known <= series.SETTLED

    def main(self, measured_points: Sequence[PointRuns]) -> PointRuns:
        """The point whose metrics stand for the test."""
        return measured_points[0]

    def overall(self, measured_points: Sequence[PointRuns]) -> Figures:
        """Metrics of the test as a whole."""
        return {}

    def finding(self, metrics: Json) -> str:
        """What came out, as one sentence for a person."""
        raise NotImplementedError


def expected(options: Options) -> Expected:
    return Expected(options["promptTokens"], options["outputTokens"])


def prompt_tokens(*defaults: int, many: bool = False) -> Option:
    words = "lengths of the prompts" if many else "length of each prompt"
    default = defaults if many else defaults[0]
    return Option("promptTokens", "tokens", default, 32, 131_072, f"{words}, to within 2 %", many=many)


def output_tokens(default: int) -> Option:
    return Option("outputTokens", "tokens", default, 16, 16_384, "tokens generated for each request")


def context_length() -> Option:
    words = "num_ctx, the same in every run; null: as the test needs, 2048 at least, the model's own at most"
    return Option("contextLength", "tokens", None, 256, 1_048_576, words)


def repetitions(fewest: int, most: int) -> tuple[Option, Option]:
    further = "measured runs at each point at most, if the median is not known to 2 % before"
    return (
        Option("minRepetitions", "runs", fewest, 1, 1000, "measured runs at each point at least"),
        Option("maxRepetitions", "runs", most, 1, 1000, further),
    )
