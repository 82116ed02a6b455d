"""One test, from the idle baseline over the blocks of its points to its metrics.

worker/procedure/point_runner.py prepares and runs each point.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from statistics import fmean

import structlog

from common.catalogue.options import Options
from common.catalogue.test_type import Point
from common.errors import OllamaHTTPError, TestFailure
from common.messaging import inventory
from common.ollama.models import ModelFacts
from common.records.test_metrics import TestMetrics
from common.store.reads import sessions
from common.store.tables import Phase
from worker.machine.monitor import MachineMonitor
from worker.ollama.client import Driver
from worker.procedure import summary
from worker.procedure.attempt import ModelUnderTest
from worker.procedure.baselines import Baselines
from worker.procedure.blocks import BlockSeries, Steps, shuffled
from worker.procedure.point_runner import PointRunner
from worker.procedure.progress import TestProgress
from worker.procedure.settling import settle
from worker.procedure.software_check import SoftwareCheck
from worker.verdicts import Verdict, answer, machine
from worker.verdicts.inventory import machine_changed
from worker.workload import context_window
from worker.workload.point_runs import PointRuns
from worker.workload.retry import retry
from worker.workload.run_context import RunContext
from worker.workload.test_type import Workload

logger = structlog.get_logger(__name__)


@dataclass
class TestRunner:
    """The execution of one test, block by block.

    `options` holds a value for each option of the test type. `ensure_active` is called before each request. It raises
    an error when this worker must stop. `between_runs` is called before each run. `metrics` is set when all steps are
    done.
    """

    workload: Workload
    driver: Driver
    options: Options
    progress: TestProgress
    monitor: MachineMonitor
    ensure_active: Callable[[], None]
    between_runs: Callable[[], None] = lambda: None
    point_runners: list[PointRunner] = field(default_factory=list)
    metrics: TestMetrics = field(default_factory=lambda: TestMetrics(values={}))
    software: SoftwareCheck = field(init=False)
    baselines: Baselines = field(init=False)

    def __post_init__(self) -> None:
        self.software = SoftwareCheck(self.driver, self.progress)
        self.baselines = Baselines(self.driver, self.progress, self.monitor)

    def steps(self) -> Steps:
        """Measure the test. Between two steps, other tests may run.

        Raises:
            TestFailure: if a run is rejected too often, or the model cannot do what the test needs.
            OllamaError: if the server keeps failing.
        """
        self._begin()
        for together in self._measured_together():
            yield from self._measure(together)
        self._summarise([runner.point_runs for runner in self.point_runners])

    def _begin(self) -> None:
        self.progress.enter(Phase.PREPARING)
        retry(lambda: settle(self.driver, self.progress, self.ensure_active), self.progress.log)
        self.baselines.record()
        self._flag(machine.foreign_load(self.monitor.idle_usage))
        self._compare_machine()
        context = self._create_context()
        self.software.begin()
        self.point_runners = [self._point_runner(context, *numbered) for numbered in enumerate(self._points(context))]

    def _compare_machine(self) -> None:
        """Flag another inventory than the session's. The sampler writes it when it starts, and then once a minute."""
        stored = sessions.inventory(self.progress.test.session_id)
        current = inventory.published(self.monitor.redis, self.monitor.host)
        self._flag(machine_changed(stored, current) if stored and current else None)

    def _point_runner(self, context: RunContext, number: int, point: Point) -> PointRunner:
        stored = [run for run in context.runs if run.conditions == point]
        confidence, precision = self.workload.confidence(self.options), self.workload.precision(self.options)
        point_runs = PointRuns(number, point, stored, confidence, precision)
        return PointRunner(self.workload, context.at(point), self.progress, self.monitor, point_runs, self.software)

    def _measured_together(self) -> list[list[PointRunner]]:
        """Return the points that share their blocks: all of them, or each by itself if the type needs that."""
        return [[runner] for runner in self.point_runners] if self.workload.separate else [self.point_runners]

    def _measure(self, runners: Sequence[PointRunner]) -> Steps:
        series = BlockSeries(self.workload, self.options, [runner.point_runs for runner in runners])
        if (yield series) is not None:
            self._prepare(runners)
        while (block := (yield series)) is not None:
            self._measure_block(runners, block)
        for runner in runners:
            runner.end()

    def _prepare(self, runners: Sequence[PointRunner]) -> None:
        model = retry(self._identify, self.progress.log)
        for runner in runners:
            self.between_runs()
            runner.prepare(model)
            self.progress.reach(self._share())
        self.baselines.record_loaded()
        self.progress.enter(Phase.MEASURING)

    def _identify(self) -> ModelUnderTest:
        """Return what distinguishes the model from others in memory. Ensure that the server's list can show it."""
        model = self.progress.test.model
        self.driver.unload_stale(model)
        length = self.point_runners[0].context.context_length
        return ModelUnderTest(self.driver.memory.identify(model), self.workload.expected_models(), length)

    def _measure_block(self, runners: Sequence[PointRunner], block: int) -> None:
        """Measure one run of each point, except those whose run another worker has stored."""
        session, test = self.progress.claim.session_id, self.progress.test.id
        for runner in shuffled(runners, lambda runner: runner.point_runs.number, f"{session} {test} {block}"):
            if runner.point_runs.next_repetition == block:
                self._measure_run(runner)

    def _measure_run(self, runner: PointRunner) -> None:
        self.between_runs()
        point, repetition = runner.point_runs.point, runner.point_runs.next_repetition
        self.progress.advance(self._share(), point, repetition)
        metrics = runner.measure_run()
        self.progress.advance(self._share(), point, repetition, metrics)

    def _share(self) -> float:
        """Return the share of the test that is done, from 0 to 1."""
        return fmean(runner.share for runner in self.point_runners)

    def _summarise(self, measured_points: Sequence[PointRuns]) -> None:
        self.software.verify()
        self._compare_machine()
        found = summary.evaluate(self.workload, measured_points, self.monitor.idle_usage)
        for verdict in found:
            self.progress.log_verdict(verdict)
        self.metrics = summary.summarise(
            self.workload, measured_points, [*self.progress.flags, *found], self.monitor.idle
        )
        self.progress.log(self.metrics.finding or "")

    def _flag(self, verdict: Verdict | None) -> None:
        if verdict:
            self.progress.flag(verdict)

    def _create_context(self) -> RunContext:
        model = self.progress.test.model
        facts = retry(lambda: self._facts(model), self.progress.log)
        length = context_window.length(self.workload.test_type, self.options, facts.context_length)
        seed = f"{self.progress.claim.token} {self.progress.test.id}"
        runs = sessions.runs(self.progress.test)
        others = tuple(own["name"] for own in self.progress.test.session.models if own["name"] != model)
        return RunContext(
            self.driver, model, self.options, facts, length, seed, runs, self.ensure_active, self.progress.log, others
        )

    def _facts(self, model: str) -> ModelFacts:
        try:
            return self.driver.server.facts(model)
        except OllamaHTTPError as refused:
            if refused.status == HTTPStatus.NOT_FOUND:
                raise TestFailure(
                    f"Host {self.monitor.host} no longer has the model {model}. "
                    "Pull it there, then run the session again."
                ) from refused
            raise

    def _points(self, context: RunContext) -> list[Point]:
        """Return the points that fit into the model's context."""
        wanted = self.workload.points(context)
        points = context_window.fitting(self.workload.test_type, self.options, wanted, context.context_length)
        left_out = [point for point in wanted if point not in points]
        self._flag(answer.points_left_out(left_out, context.context_length) if left_out else None)
        return points
