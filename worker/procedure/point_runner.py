"""One point of a test: prepare it, then measure one run in each block.

Each run that counts is stored at once, so a resumed test continues with the first missing run. A rejected run is
repeated up to three times.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

from common.catalogue.metrics import METRICS
from common.catalogue.verdicts.on_runs import REQUEST_FAILED
from common.errors import OllamaError, TestFailure
from common.records.runs import Metrics
from common.store.tables import Phase
from worker.machine.monitor import MachineMonitor
from worker.procedure.attempt import Attempt, ModelUnderTest, rejection
from worker.procedure.progress import TestProgress
from worker.procedure.settling import settle
from worker.procedure.software_check import SoftwareCheck
from worker.verdicts import Verdict, answer, counts, machine, memory, series
from worker.verdicts.counts import CountedAnswer
from worker.workload.point_runs import PointRuns
from worker.workload.prompts import PromptTemplate
from worker.workload.retry import pause
from worker.workload.run import RunResult
from worker.workload.run_context import RunContext
from worker.workload.test_type import Workload

PROBE = PromptTemplate(words=8, fillers=0, ending="")
MAX_RETRIES = 3
"""Further attempts after a run was rejected."""
PREPARATION = 0.1
"""Share of a point's progress that its preparation is."""


@dataclass
class PointRunner:
    """The measurement of one point.

    `point_runs` collects the runs. `model` is set before the point is prepared. `warm_up_loads_ns` are the loads of the
    warm-ups, and `counted_answers` the answers of warm-ups and runs, also of rejected ones.
    """

    workload: Workload
    context: RunContext
    progress: TestProgress
    monitor: MachineMonitor
    point_runs: PointRuns
    software: SoftwareCheck
    model: ModelUnderTest = field(init=False)
    warm_up_loads_ns: list[int] = field(default_factory=list)
    counted_answers: list[CountedAnswer] = field(default_factory=list)
    is_prepared: bool = False
    has_ended: bool = False

    @property
    def share(self) -> float:
        """The share of the point that is done, from 0 to 1."""
        if self.has_ended:
            return 1.0
        runs = self.workload.progress(self.context.options, self.point_runs.runs)
        return PREPARATION * self.is_prepared + (1 - PREPARATION) * runs

    def prepare(self, model: ModelUnderTest) -> None:
        """Calibrate the prompts of the point, and warm up."""
        self.model = model
        self.progress.enter(Phase.PREPARING, self.point_runs.point)
        self.workload.prepare(self.context)
        if self.workload.warm:
            self._warm_up()
        self.is_prepared = True

    def end(self) -> None:
        """Evaluate what only all runs together show."""
        verdict = counts.evaluate(self.counted_answers)
        if verdict:
            self.progress.flag(verdict.at(self.point_runs.point))
        self.has_ended = True

    def _seed(self, step: str) -> str:
        return f"{self.context.seed} {self.point_runs.number} {step}"

    # Warming up

    def _warm_up(self) -> None:
        self.progress.enter(Phase.WARMING_UP, self.point_runs.point)
        minimum, maximum = self.workload.warm_ups
        values: list[float] = []
        while len(values) < minimum or (len(values) < maximum and not series.agree(values)):
            result = self.context.retry(lambda: self.workload.warm_up(self.context, secrets.token_hex()))
            metrics = result.metrics(self.workload.rate)
            values.append(metrics.get(self.workload.test_type.headline) or 0.0)
            self._count(result)
            loads = [request.generation.server.load_ns for request in result.request_results]
            self.warm_up_loads_ns += [load for load in loads if load is not None]
            self.progress.log(f"warm-up {len(values)}: {self._headline(metrics)}")
        if minimum > 1 and not series.agree(values):
            self.progress.flag(series.unstable_warm_up(values[-1], values[-2]).at(self.point_runs.point))
        self.context.retry(self._check_memory)

    def _check_memory(self) -> None:
        loaded = self.context.driver.memory.find(self.model.identity)
        partly = memory.partly_on_cpu(loaded) if loaded and not self.workload.splits else None
        if partly:
            self.progress.flag(partly)

    def _count(self, result: RunResult) -> None:
        """Remember the counts of the answers to prompts that are new to the server."""
        new = [request.generation for request in result.request_results if not request.expected.cached]
        self.counted_answers += filter(None, map(CountedAnswer.of, new))

    # Measuring

    def measure_run(self) -> Metrics:
        """Attempt the next run until it counts, store it, and return its metrics.

        Raises:
            TestFailure: if all attempts were rejected.
        """
        point, repetition = self.point_runs.point, self.point_runs.next_repetition
        rejected = self.progress.rejections(point, repetition)
        while len(rejected) <= MAX_RETRIES:  # `retry` would not do: verdicts reject as errors do
            self.context.ensure_active()
            reason = self._try_run(repetition, rejected)
            if reason is None:
                return self.point_runs.runs[-1].metrics
            self.progress.reject(reason, point, repetition)
            self.software.verify()
            if reason.name == REQUEST_FAILED.name:
                pause(len(rejected))
            rejected.append(reason)
        raise TestFailure(f"Run {repetition} was rejected {len(rejected)} times. Last reason: {rejected[-1]}")

    def _try_run(self, repetition: int, rejected: list[Verdict]) -> Verdict | None:
        """Attempt a run and store it if it counts, else return the reason."""
        try:
            self._settle()
            attempt = self._attempt(self._seed(f"run {repetition} {len(rejected)}"))
        except OllamaError as error:
            if not error.retry_helps or len(rejected) >= MAX_RETRIES:
                raise
            return answer.failed(error)
        found = attempt.evaluate()
        reason = rejection(found)
        if reason is None:
            self._save(attempt, repetition, found, rejected)
        return reason

    def _settle(self) -> None:
        """Wait for an idle server. A request that is not measured then waits for what may still be in its queue."""
        unsettled = settle(self.context.driver, self.progress, self.context.ensure_active)
        if unsettled and not self.workload.warm:  # `before_run` sends one for a warm run
            self.workload.ask(self.context, PROBE.prompt(secrets.token_hex()), 1)

    def _attempt(self, seed: str) -> Attempt:
        self._bring_into_state(seed)
        loaded = tuple(self.context.driver.memory.loaded())
        before, start = self.monitor.offset(), self.monitor.now()
        result = self.workload.perform(self.context, seed)
        window = (start, self.monitor.now())
        clock = before.combine(self.monitor.offset())
        self._count(result)
        return Attempt(seed, self.software.current, self.model, loaded, window, clock, self.warm_up_loads_ns, result)

    def _bring_into_state(self, seed: str) -> None:
        was_loaded = self.context.driver.is_loaded(self.context.model)
        self.workload.before_run(self.context, seed)
        if not was_loaded:
            self.monitor.expect_runner()

    def _save(self, attempt: Attempt, repetition: int, found: list[Verdict], rejected: list[Verdict]) -> None:
        readings = self.monitor.readings(*attempt.window)
        attempt = attempt.with_energy(readings, self.monitor.empty, self.monitor.loaded)
        gap = machine.readings_gap(readings.longest_gap(*attempt.window), readings.period)
        found = [*found, gap] if gap else found
        usage = self.monitor.usage(readings, *attempt.window, warm=self.workload.warm)
        metrics = attempt.result.metrics(self.workload.rate)
        record = attempt.record(self.workload.rate, found, rejected, attempt.telemetry(readings, usage))
        run = self.progress.save_run(self.point_runs.point, repetition, metrics, record)
        self.point_runs.runs.append(run)
        self.context.runs.append(run)
        if not self.workload.logs_runs:
            self.progress.log(f"run {repetition}: {self._headline(metrics, record.get('censored', ()))}")
        for verdict in found:
            self.progress.log_verdict(verdict.at(self.point_runs.point))

    def _headline(self, metrics: Metrics, censored: Sequence[str] = ()) -> str:
        """Return `decodeTokensPerSecond 45.1 tokens/s`, with the point."""
        metric = METRICS[self.workload.test_type.headline]
        value = metrics.get(metric.name)
        point = "".join(f", {name} {condition}" for name, condition in self.point_runs.point.items())
        missing = "not reached" if metric.name in censored else "unknown"
        return f"{metric.name} {missing if value is None else f'{value:.4g} {metric.unit}'}{point}"
