"""The runs at one point of a test: get ready, warm up, and repeat until the headline metric is known.

Every run that counts is stored at once; a test that is taken up again goes on at the first run that is missing. A run
that is not what it claims to be is drawn again, three times at most.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field

from common.catalogue.metrics import METRICS
from common.errors import OllamaError, TestFailure
from common.records.runs import Metrics
from common.store.tables import Phase
from worker.machine.monitor import MachineMonitor
from worker.procedure import run_telemetry
from worker.procedure.attempt import Attempt, UnderTest, rejecting
from worker.procedure.progress import Report
from worker.verdicts import Verdict, answer, memory, series
from worker.workload.point_runs import PointRuns
from worker.workload.retry import pause
from worker.workload.run_context import RunContext
from worker.workload.test_type import Workload

MAX_RETRIES = 3


@dataclass
class PointRunner:
    """The measurement of one point: warm-up, then runs until the point has enough of them.

    `point_runs`, one of `measured_points`, collects the runs. `flags` are the verdicts on the point. `warm_loads` are
    the load durations of the warm-ups in nanoseconds.
    """

    workload: Workload
    context: RunContext
    report: Report
    monitor: MachineMonitor
    point_runs: PointRuns
    measured_points: int
    digest: str | None = None
    flags: list[Verdict] = field(default_factory=list)
    warm_loads: list[int] = field(default_factory=list)

    def steps(self) -> Iterator[None]:
        """Measure the point, with a pause before each run."""
        if self._enough():
            return
        self.report.enter(Phase.PREPARING)
        self.digest = self.context.retry(self._digest)
        self.workload.prepare(self.context)
        if self.workload.warm:
            self._warm_up()
        self.report.enter(Phase.MEASURING)
        while not self._enough():
            yield
            self._advance()
            self._measure(len(self.point_runs.runs) + 1)
            self._advance(self.point_runs.runs[-1].metrics)

    def _enough(self) -> bool:
        return self.workload.enough(self.context.options, self.point_runs.runs)

    def _advance(self, metrics: Metrics | None = None) -> None:
        done = self.point_runs.number + self.workload.progress(self.context.options, self.point_runs.runs)
        repetition = len(self.point_runs.runs) + (metrics is None)
        self.report.advance(done / self.measured_points, self.point_runs.point, repetition, metrics)

    def _digest(self) -> str | None:
        listed = self.context.driver.server.models()
        return next((model.digest for model in listed if model.name == self.context.model), None)

    def _seed(self, step: str) -> str:
        return f"{self.context.seed} {self.point_runs.number} {step}"

    # Warming up

    def _warm_up(self) -> None:
        self.report.enter(Phase.WARMING_UP)
        fewest, most = self.workload.warm_ups
        values: list[float] = []
        while len(values) < fewest or (len(values) < most and not series.agree(values)):
            result = self.context.retry(lambda: self.workload.warm_up(self.context, secrets.token_hex()))
            metrics = result.metrics(self.workload.rate)
            values.append(metrics.get(self.workload.test_type.headline) or 0.0)
            self.warm_loads += [request_result.generation.server.load_ns for request_result in result.request_results]
            self.report.log(f"warm-up {len(values)}: {self._said(metrics)}")
        if fewest > 1 and not series.agree(values):
            self._flag(series.unstable_warm_up(values[-1], values[-2]).at(self.point_runs.point))
        self.context.retry(self._look_at_memory)

    def _look_at_memory(self) -> None:
        for loaded in self.context.driver.server.loaded():
            if memory.is_model(loaded, self.context.model, self.digest) and not self.workload.splits:
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
            self.context.ensure_active()
            reason = self._draw(repetition, rejected)
            if reason is None:
                return
            rejected.append(reason)
            self.report.log(f"run {repetition} rejected: {reason}")
            if len(rejected) > MAX_RETRIES:
                raise TestFailure(f"run {repetition} was rejected {len(rejected)} times, last for: {reason}")

    def _draw(self, repetition: int, rejected: list[Verdict]) -> Verdict | None:
        """One run: stored, or the reason why it does not count."""
        try:
            attempt = self._attempt(self._seed(f"run {repetition} {len(rejected)}"))
        except OllamaError as error:
            if not error.retry_helps or len(rejected) >= MAX_RETRIES:
                raise
            pause(len(rejected))
            return answer.failed(error)
        found = attempt.judge(self.warm_loads)
        reason = rejecting(found)
        if reason is None:
            self._save(attempt, repetition, found, rejected)
        return reason

    def _attempt(self, seed: str) -> Attempt:
        self.workload.before_run(self.context, seed)
        loaded = tuple(self.context.driver.server.loaded())
        before, start = self.monitor.offset(), self.monitor.now()
        result = self.workload.perform(self.context, seed)
        window = (start, self.monitor.now())
        model = UnderTest(self.context.model, self.digest, self.workload.expected_models())
        return Attempt(seed, model, loaded, window, before.combine(self.monitor.offset()), result)

    def _save(self, attempt: Attempt, repetition: int, found: list[Verdict], rejected: list[Verdict]) -> None:
        seen = run_telemetry.on(attempt, self.monitor, self.warm_loads, warm=self.workload.warm)
        attempt, found = attempt.with_own(seen.metrics), [*found, *seen.verdicts]
        metrics = attempt.result.metrics(self.workload.rate)
        record = attempt.record(self.workload.rate, found, rejected, seen.record)
        run = self.report.save_run(self.point_runs.point, repetition, metrics, record)
        self.point_runs.runs.append(run)
        self.context.runs.append(run)
        self.report.log(f"run {repetition}: {self._said(metrics)}")
        for verdict in found:
            self.report.tell(verdict.at(self.point_runs.point))

    def _said(self, metrics: Metrics) -> str:
        """`decodeTokensPerSecond 45.1 tokens/s`, and where in the test."""
        metric = METRICS[self.workload.test_type.headline]
        value = metrics.get(metric.name)
        where = "".join(f", {name} {there}" for name, there in self.point_runs.point.items())
        return f"{metric.name} {'unknown' if value is None else f'{value:.4g} {metric.unit}'}{where}"
