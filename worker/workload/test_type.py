"""Base class of the test types: what their runs do, and the finding of a test in one sentence.

`common/catalogue/test_types` declares each type. A file of `worker/test_types/` implements it in a subclass, which
registers itself.
"""

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from common.catalogue.effort import MAXIMUM, MINIMUM, PRECISION
from common.catalogue.options import Options
from common.catalogue.test_type import Point, TestType
from common.catalogue.test_types import TEST_TYPES
from common.ollama.identity import Identity, same_name
from common.records.runs import Metrics
from common.records.test_metrics import TestMetrics
from common.stats.distribution import Distributions
from common.stats.intervals.looks import confidence, looks
from common.store.tables import Run
from worker.ollama.responses import Generation
from worker.verdicts import Verdict, series
from worker.verdicts.expected import Expected
from worker.workload.point_runs import PointRuns
from worker.workload.prompts import PromptTemplate
from worker.workload.run import RequestResult, RunResult
from worker.workload.run_context import RunContext
from worker.workload.wording import runs_without_interval

WORKLOADS: "dict[str, type[Workload]]" = {}
"""The implementation of each test type, by the type's name."""


NO_WARM_UPS = (0, 0)
"""For a test type whose runs begin cold."""
LIST_PROMPT = "\nA list of a hundred things:\n1. river\n2. stone\n3."
"""An ending that keeps a model writing: a list to continue."""


class Workload:
    """The requests of one test. By default, a run is one request to a warm model.

    The methods are in the order in which they are called. A subclass overrides what differs. `rate` is the metric that
    is reported as the test's tokensPerSecond. `ending` closes each prompt, and keeps the model writing. `warm_ups` is
    the minimum and the maximum number of warm-ups at each point. `splits` is True if part of the model is meant to be
    on the CPU. `separate` is True if each point is measured by itself, because it loads the model again or ends by
    itself. `logs_runs` is True if the runs write their own lines to the log. `prompt_length` is the option that has the
    length of a prompt, and `templates` build the prompts by that length.
    """

    test_type: ClassVar[TestType]
    rate: ClassVar[str] = "decodeTokensPerSecond"
    ending: ClassVar[str] = LIST_PROMPT
    warm_ups: ClassVar[tuple[int, int]] = (2, 5)
    splits: ClassVar[bool] = False
    separate: ClassVar[bool] = False
    logs_runs: ClassVar[bool] = False
    prompt_length: ClassVar[str] = "promptTokens"
    templates: dict[int, PromptTemplate]

    def __init__(self) -> None:
        self.templates = {}

    def __init_subclass__(cls, *, implements: str = "") -> None:
        """Register the class for the test type that it implements; a variant for a test implements none."""
        if implements:
            cls.test_type = TEST_TYPES[implements]
            WORKLOADS[implements] = cls

    @property
    def warm(self) -> bool:
        """True if runs begin with the model in memory."""
        return self.warm_ups != NO_WARM_UPS

    def points(self, context: RunContext) -> list[Point]:
        """Return the points of the test, in order.

        Raises:
            TestFailure: if the model or its server cannot do what the test needs.
        """
        return self.test_type.points(context.options)

    def expected_models(self) -> frozenset[Identity]:
        """Return the models that may be in memory beside the one under test."""
        return frozenset()

    def ask(self, context: RunContext, prompt: str, output_tokens: int | None = None) -> Generation:
        """Send one request the way this test type does."""
        return context.generate(prompt, output_tokens)

    def count(self, context: RunContext, prompt: str) -> int:
        """Return the number of tokens of a prompt (prompt_eval_count); 0 if the server does not report it."""
        return self.ask(context, prompt, 1).server.prompt_tokens or 0

    def prepare(self, context: RunContext) -> None:
        """Prepare the runs at a point. The context's options hold the point's values."""
        length = context.options[self.prompt_length]
        if length not in self.templates:
            self.templates[length] = context.calibrate(
                length, self.ending, partial(self.count, context), without_ending=self.ending == LIST_PROMPT
            )

    def prompt(self, context: RunContext, seed: str) -> str:
        """Return the prompt for `seed` at the point of the context, which must be prepared."""
        return self.templates[context.options[self.prompt_length]].prompt(seed)

    def before_run(self, context: RunContext, seed: str) -> None:
        """Bring the server to the state in which a run starts: by default, the model is in memory.

        If the server lists the runner as another model with the same weights, that model's options may have loaded it.
        Another context length, for example, would make the run load it again.
        """
        loaded = context.driver.find(context.model)
        if loaded is None or not same_name(loaded.name, context.model):
            self.ask(context, self.prompt(context, f"spare {seed}"))

    def warm_up(self, context: RunContext, seed: str) -> RunResult:
        """Perform a run that is not stored."""
        return self.perform(context, seed)

    def perform(self, context: RunContext, seed: str) -> RunResult:
        """Perform one run. Its prompts depend on the seed alone, and each run has its own seed."""
        generation = self.ask(context, self.prompt(context, seed))
        return RunResult((RequestResult(generation, expected(context.options)),))

    def progress(self, options: Options, runs: Sequence[Run]) -> float:
        """Return the share of a point's runs that is done, from 0 to 1, as far as it is known."""
        return min(1.0, len(runs) / int(options["maxRepetitions"]))

    def enough(self, options: Options, runs: Sequence[Run]) -> bool:
        """Return True if the median of the headline metric is known well enough, or if no runs are left.

        Its precision is evaluated only at some numbers of runs, each at a confidence that keeps that of the whole.
        """
        if len(runs) >= options[MAXIMUM]:
            return True
        if len(runs) not in looks(options[MINIMUM], options[MAXIMUM]):
            return False
        known = PointRuns(0, {}, list(runs), self.confidence(options)).half_width(self.test_type.headline)
        return known is not None and known <= self.precision(options)

    def confidence(self, options: Options) -> float:
        """Return the nominal confidence of a point's intervals, which makes up for the chances to end early."""
        return confidence(options[MINIMUM], options[MAXIMUM])

    def precision(self, options: Options) -> float:
        """Return the half width of a median's interval that is narrow enough, as a fraction of the median."""
        return float(options[PRECISION]) / 100 if PRECISION in options else series.SETTLED

    def main(self, measured_points: Sequence[PointRuns]) -> PointRuns:
        """Return the point whose metrics represent the test."""
        return measured_points[0]

    def evaluate(self, measured_points: Sequence[PointRuns]) -> list[Verdict]:
        """Return the type's own verdicts on the whole test."""
        return []

    def overall(self, measured_points: Sequence[PointRuns]) -> Metrics:
        """Return metrics of the test as a whole."""
        return {}

    def overall_statistics(self, measured_points: Sequence[PointRuns]) -> Distributions:
        """Return the distributions of metrics of the test as a whole, if they have any."""
        return {}

    def finding(self, metrics: TestMetrics) -> str:
        """Return the answer to the type's question, in one or two sentences."""
        raise NotImplementedError

    def conclusion(self, metrics: TestMetrics) -> str:
        """Return the finding, and that it has no interval if there were too few runs."""
        return self.finding(metrics) + runs_without_interval(metrics.headline_statistic)


def expected(options: Options) -> Expected:
    """Return what each answer of a run should contain."""
    return Expected(options["promptTokens"], options["outputTokens"])
