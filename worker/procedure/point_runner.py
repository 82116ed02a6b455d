"""The runs at one point of a test: get ready, warm up, and repeat until the headline metric is known.

Every run that counts is stored at once; a test that is taken up again goes on at the first run that is missing. A run
that is not what it claims to be is drawn again, three times at most.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field

from common.catalogue.metrics import METRICS
from common.errors import OllamaError, TestFailure
from common.store.tables import Phase
from worker.machine.monitor import Witness
from worker.ollama.request_metrics import Figures
from worker.procedure import run_telemetry
from worker.procedure.attempt import Attempt, UnderTest, rejecting
from worker.procedure.progress import Report
from worker.verdicts import Verdict, answer, memory, series
from worker.workload.point_runs import Part
from worker.workload.retry import pause
from worker.workload.run_context import Bench
from worker.workload.test_type import Workload

REDRAWS = 3


@dataclass
class Repetition:
    """`part` takes the runs up; it is one of `parts`. `flags` are the verdicts on the point, `warm_loads` the load
    durations of the warm-ups in nanoseconds.
    """

    workload: Workload
    bench: Bench
    report: Report
    witness: Witness
    part: Part
    parts: int
    digest: str | None = None
    flags: list[Verdict] = field(default_factory=list)
    warm_loads: list[int] = field(default_factory=list)

    def steps(self) -> Iterator[None]:
        """Measure the point, with a pause before each run."""
        if self._enough():
            return
        self.report.enter(Phase.PREPARING)
        self.digest = self.bench.retry(self._digest)
        self.workload.prepare(self.bench)
        if self.workload.warm:
            self._warm_up()
        self.report.enter(Phase.MEASURING)
        while not self._enough():
            yield
            self._advance()
            self._measure(len(self.part.runs) + 1)
            self._advance(self.part.runs[-1].figures)

    def _enough(self) -> bool:
        return self.workload.enough(self.bench.options, self.part.runs)

    def _advance(self, figures: Figures | None = None) -> None:
        done = self.part.number + self.workload.progress(self.bench.options, self.part.runs)
        repetition = len(self.part.runs) + (figures is None)
        self.report.advance(done / self.parts, self.part.point, repetition, figures)

    def _digest(self) -> str | None:
        listed = self.bench.driver.server.models()
        return next((model.digest for model in listed if model.name == self.bench.model), None)

    def _seed(self, step: str) -> str:
        return f"{self.bench.seed} {self.part.number} {step}"

    # Warming up

    def _warm_up(self) -> None:
        self.report.enter(Phase.WARMING_UP)
        fewest, most = self.workload.warm_ups
        values: list[float] = []
        while len(values) < fewest or (len(values) < most and not series.agree(values)):
            trial = self.bench.retry(lambda: self.workload.warm_up(self.bench, secrets.token_hex()))
            figures = trial.figures(self.workload.rate)
            values.append(figures.get(self.workload.test_type.headline) or 0.0)
            self.warm_loads += [exchange.generation.server.load_ns for exchange in trial.exchanges]
            self.report.log(f"warm-up {len(values)}: {self._said(figures)}")
        if fewest > 1 and not series.agree(values):
            self._flag(series.unstable_warm_up(values[-1], values[-2]).at(self.part.point))
        self.bench.retry(self._look_at_memory)

    def _look_at_memory(self) -> None:
        for loaded in self.bench.driver.server.loaded():
            if memory.is_model(loaded, self.bench.model, self.digest) and not self.workload.splits:
                self._flag(memory.partly_on_cpu(loaded))

    def _flag(self, verdict: Verdict | None) -> None:
        if verdict:
            self.flags.append(verdict)
            self.report.tell(verdict)

    # Measuring

    def _measure(self, repetition: int) -> None:
        """Draw a run until one counts, at most four times, and store it."""
        rejected: list[Verdict] = []
        while True:  # not `retry`: each attempt has its own prompt, and a verdict rejects as an error does
            self.bench.attend()
            reason = self._draw(repetition, rejected)
            if reason is None:
                return
            rejected.append(reason)
            self.report.log(f"run {repetition} rejected: {reason}")
            if len(rejected) > REDRAWS:
                raise TestFailure(f"run {repetition} was rejected {len(rejected)} times, last for: {reason}")

    def _draw(self, repetition: int, rejected: list[Verdict]) -> Verdict | None:
        """One run: stored, or the reason why it does not count."""
        try:
            attempt = self._attempt(self._seed(f"run {repetition} {len(rejected)}"))
        except OllamaError as error:
            if not error.retry_helps or len(rejected) >= REDRAWS:
                raise
            pause(len(rejected))
            return answer.failed(error)
        found = attempt.judge(self.warm_loads)
        reason = rejecting(found)
        if reason is None:
            self._save(attempt, repetition, found, rejected)
        return reason

    def _attempt(self, seed: str) -> Attempt:
        self.workload.before_run(self.bench, seed)
        loaded = tuple(self.bench.driver.server.loaded())
        before, start = self.witness.offset(), self.witness.now()
        trial = self.workload.perform(self.bench, seed)
        window = (start, self.witness.now())
        model = UnderTest(self.bench.model, self.digest, self.workload.neighbours())
        return Attempt(seed, model, loaded, window, before.joined(self.witness.offset()), trial)

    def _save(self, attempt: Attempt, repetition: int, found: list[Verdict], rejected: list[Verdict]) -> None:
        seen = run_telemetry.on(attempt, self.witness, self.warm_loads, warm=self.workload.warm)
        attempt, found = attempt.with_own(seen.figures), [*found, *seen.verdicts]
        figures = attempt.trial.figures(self.workload.rate)
        record = attempt.record(self.workload.rate, found, rejected, **seen.record)
        run = self.report.save_run(self.part.number, repetition, figures, record)
        self.part.runs.append(run)
        self.bench.runs.append(run)
        self.report.log(f"run {repetition}: {self._said(figures)}")
        for verdict in found:
            self.report.tell(verdict.at(self.part.point))

    def _said(self, figures: Figures) -> str:
        """`decodeTokensPerSecond 45.1 tokens/s`, and where in the test."""
        metric = METRICS[self.workload.test_type.headline]
        value = figures.get(metric.name)
        where = "".join(f", {name} {there}" for name, there in self.part.point.items())
        return f"{metric.name} {'unknown' if value is None else f'{value:.4g} {metric.unit}'}{where}"
