"""One test, from calibration to its metrics: the procedure that all test types share.

Calibrate the prompt, warm up at the same shape until two runs agree, then repeat until the median is known to 2 % or
the maximum is reached. Every run that counts is stored at once; a test that is taken up again goes on at the first
run that is missing.
"""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from http import HTTPStatus
from typing import Any, TypeVar

from redis import Redis

from common import queries, statistics
from common.errors import OllamaError, OllamaRefused, TestFailure
from common.metrics import METRICS
from common.models import Phase, Run
from common.ollama import ModelFacts
from common.redis import clock_ms
from worker import prompts, summary, telemetry
from worker.attempt import Attempt
from worker.figures import Figures, figures
from worker.ollama import Generation
from worker.prompts import Shape
from worker.report import Report
from worker.telemetry import Usage
from worker.verdicts import Severity, Verdict, answer, machine, memory, series
from worker.workload import Bench, Workload

Json = dict[str, Any]
Step = TypeVar("Step")

WARM_UPS = (2, 5)
"""At least and at most: one warm-up is not enough on any engine we know."""
REDRAWS = 3
BACKOFF_S = 1.0


@dataclass
class Measurement:
    """`checkpoint` is called between runs and raises when this worker should let go. `flags` are the verdicts on the
    test, `warm_loads` the warm-ups' load durations in nanoseconds, `told` the verdicts that were logged, `seen_from`
    (ms of Redis's clock) when the sampler is sure to see the model's processes.
    """

    workload: Workload
    bench: Bench
    report: Report
    redis: Redis
    host: str
    checkpoint: Callable[[], None]
    flags: list[Verdict] = field(default_factory=list)
    warm_loads: list[int] = field(default_factory=list)
    told: set[str] = field(default_factory=set)
    seen_from: int = 0

    def run(self) -> Json:
        """Measure the test and return its metrics.

        Raises:
            TestFailure: when runs are rejected again and again, or the model cannot do what is asked.
            OllamaError: when the server keeps failing.
        """
        self.report.enter(Phase.PREPARING)
        quiet = telemetry.quiet(self.redis, self.host)
        self._flag(machine.foreign_load(quiet))
        self.seen_from = clock_ms(self.redis) + telemetry.UNSEEN_MS
        shape = self._calibrate()
        if self.workload.warm:
            self._warm_up(shape)
        self.report.enter(Phase.MEASURING)
        runs = self._repeat(shape)
        for verdict in summary.judge(self.workload.test_type, runs, quiet):
            self._flag(verdict)
        return summary.summarise(self.workload.test_type, runs, self.flags)

    def _flag(self, verdict: Verdict | None) -> None:
        if verdict:
            self.flags.append(verdict)
            self._tell(verdict)

    def _tell(self, verdict: Verdict) -> None:
        """Log a verdict that counts, the first time: some befall every run."""
        if verdict.name not in self.told:
            self.report.log(str(verdict))
        self.told.add(verdict.name)

    @cached_property
    def _digest(self) -> str | None:
        listed = self.bench.driver.server.models()
        return next((model.digest for model in listed if model.name == self.bench.model), None)

    # The prompt

    def _calibrate(self) -> Shape:
        self._patiently(self._fit_context)
        target = self.bench.options["promptTokens"]
        shape = self._patiently(lambda: prompts.calibrate(self._count_tokens, target, self.workload.ending))
        self.report.log(f"prompts of {target} tokens: {shape.words} words and {shape.fillers} fillers after the nonce")
        return shape

    def _fit_context(self) -> None:
        limit = self._facts().context_length
        wanted = self.bench.options["contextLength"]
        if limit and wanted > limit:
            raise TestFailure(f"{self.bench.model} has a context of {limit} tokens; set contextLength to that at most")

    def _facts(self) -> ModelFacts:
        model = self.bench.model
        try:
            return self.bench.driver.server.facts(model)
        except OllamaRefused as refused:
            if refused.status == HTTPStatus.NOT_FOUND:
                raise TestFailure(f"{model} is gone from host {self.host}; pull it there and submit again") from refused
            raise

    def _count_tokens(self, prompt: str) -> int:
        self.checkpoint()
        return self.bench.generate(prompt, output_tokens=1).server.prompt_tokens

    def _patiently(self, step: Callable[[], Step]) -> Step:
        """A step on the way to the runs, taken again like a run where the server's error may pass."""
        for attempt in range(REDRAWS):
            try:
                return step()
            except OllamaError as error:
                if not error.retry_helps:
                    raise
                self.report.log(f"tried again: {error}")
                time.sleep(BACKOFF_S * 2**attempt)
        return step()

    def _seed(self, step: str) -> str:
        """Part of the claim is in it, so that a test that is taken up again uses no prompt twice."""
        return f"{self.report.claim.token} {self.report.test.id} {step}"

    # Warming up

    def _warm_up(self, shape: Shape) -> None:
        self.report.enter(Phase.WARMING_UP)
        fewest, most = WARM_UPS
        values: list[float] = []
        while len(values) < fewest or (len(values) < most and not series.agree(values)):
            generation = self._patiently(lambda: self._warm_up_once(shape))
            values.append(self._headline(generation) or 0.0)
            self.warm_loads.append(generation.server.load_ns)
            self.report.log(f"warm-up {len(values)}: {self._say(self._figures(generation))}")
        if not series.agree(values):
            self._flag(series.unstable_warm_up(values[-1], values[-2]))
        self._patiently(self._look_at_memory)

    def _warm_up_once(self, shape: Shape) -> Generation:
        self.checkpoint()
        return self.bench.generate(shape.prompt(secrets.token_hex()))

    def _look_at_memory(self) -> None:
        for loaded in self.bench.driver.server.loaded():
            if memory.is_model(loaded, self.bench.model, self._digest):
                self._flag(memory.partly_on_cpu(loaded))

    # Measuring

    def _repeat(self, shape: Shape) -> list[Run]:
        most = self.bench.options["maxRepetitions"]
        runs = self._runs()
        while not self._enough(runs):
            repetition = len(runs) + 1
            self.report.advance(len(runs), most, repetition)
            self._measure_one(shape, repetition)
            runs = self._runs()
            self.report.advance(repetition, most, repetition, runs[-1].figures)
        return runs

    def _runs(self) -> list[Run]:
        return queries.runs(self.report.test)

    def _enough(self, runs: list[Run]) -> bool:
        if len(runs) < self.bench.options["minRepetitions"]:
            return False
        if len(runs) >= self.bench.options["maxRepetitions"]:
            return True
        known = statistics.relative_half_width(summary.samples(runs, self.workload.test_type.headline))
        return known is not None and known <= series.SETTLED

    def _measure_one(self, shape: Shape, repetition: int) -> None:
        """Draw a run until one counts, at most four times, and store it."""
        rejected: list[Verdict] = []
        while True:
            self.checkpoint()
            seed = self._seed(f"run {repetition} {len(rejected)}")
            reason = self._draw(shape, repetition, seed, rejected)
            if reason is None:
                return
            rejected.append(reason)
            self.report.log(f"run {repetition} rejected: {reason}")
            if len(rejected) > REDRAWS:
                raise TestFailure(f"run {repetition} was rejected {len(rejected)} times, last for: {reason}")

    def _draw(self, shape: Shape, repetition: int, seed: str, rejected: list[Verdict]) -> Verdict | None:
        """One run: stored, or the reason why it does not count."""
        try:
            attempt = self._attempt(shape, seed)
        except OllamaError as error:
            if not error.retry_helps or len(rejected) >= REDRAWS:
                raise
            time.sleep(BACKOFF_S * 2 ** len(rejected))
            return answer.failed(error)
        found = attempt.judge(self.bench, self.warm_loads if self.workload.warm else None)
        rejecting = next((verdict for verdict in found if verdict.severity == Severity.REJECTS), None)
        if rejecting is None:
            self._save(attempt, repetition, found, rejected)
        return rejecting

    def _attempt(self, shape: Shape, seed: str) -> Attempt:
        self.workload.before_run(self.bench, shape.prompt(f"spare {seed}"))
        digest, loaded = self._digest, tuple(self.bench.driver.server.loaded())
        start = clock_ms(self.redis)
        generation = self.bench.generate(shape.prompt(seed))
        return Attempt(seed, digest, loaded, (start, clock_ms(self.redis)), generation)

    def _save(self, attempt: Attempt, repetition: int, found: list[Verdict], rejected: list[Verdict]) -> None:
        measured = self._figures(attempt.generation)
        self.report.save_run(repetition, measured, attempt.record(self._usage(attempt), found, rejected))
        self.report.log(f"run {repetition}: {self._say(measured)}")
        for verdict in found:
            self._tell(verdict)

    def _usage(self, attempt: Attempt) -> Usage:
        """What is foreign is unknown while the sampler may not yet see a runner that has just started."""
        found = telemetry.usage(self.redis, self.host, *attempt.window)
        seen = self.workload.warm and attempt.window[0] >= self.seen_from
        return found if seen else replace(found, foreign=None, foreign_gpu=None)

    # What a run says

    def _figures(self, generation: Generation) -> Figures:
        found = figures(generation)
        return {**found, "tokensPerSecond": found[self.workload.rate]}

    def _headline(self, generation: Generation) -> float | None:
        return self._figures(generation)[self.workload.test_type.headline]

    def _say(self, found: Figures) -> str:
        metric = METRICS[self.workload.test_type.headline]
        value = found[metric.name]
        return f"{metric.name} {'unknown' if value is None else f'{value:.4g} {metric.unit}'}"
