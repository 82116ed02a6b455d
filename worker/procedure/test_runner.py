"""One test, from the idle baseline over its points to its metrics.

worker/procedure/point_runner.py runs each point.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http import HTTPStatus

import structlog

from common.catalogue.options import Options
from common.catalogue.test_type import Point
from common.errors import OllamaHTTPError, TestFailure
from common.messaging import inventory
from common.ollama.models import ModelFacts
from common.records.test_metrics import TestMetrics
from common.store import sessions
from common.store.tables import Phase
from worker.machine.idle_baseline import Baseline
from worker.machine.monitor import MachineMonitor
from worker.ollama.client import Driver
from worker.procedure import summary
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
    """The execution of one test, point by point.

    `options` holds a value for each option of the test type. `ensure_active` is called before each request. It raises
    an error when this worker must stop. `metrics` is set when all steps are done.
    """

    workload: Workload
    driver: Driver
    options: Options
    progress: TestProgress
    monitor: MachineMonitor
    ensure_active: Callable[[], None]
    metrics: TestMetrics = field(default_factory=lambda: TestMetrics(values={}))

    def steps(self) -> Iterator[None]:
        """Measure the test, with a pause before each run, in which other tests may run.

        Raises:
            TestFailure: if a run is rejected too often, or the model cannot do what the test needs.
            OllamaError: if the server keeps failing.
        """
        self.progress.enter(Phase.PREPARING)
        retry(lambda: settle(self.driver, self.progress, self.ensure_active), self.progress.log)
        self._record_baseline()
        self._flag(machine.foreign_load(self.monitor.idle_usage))
        self._compare_machine()
        context = self._create_context()
        yield from self._measure_points(context)

    def _record_baseline(self) -> None:
        """Record the idle machine. A resumed test keeps its baseline."""
        stored = self.progress.test.baseline
        idle = self.monitor.record_baseline(self.progress.log, Baseline.from_stored(stored) if stored else None)
        if idle and not stored:
            self.progress.save_baseline(idle.record())

    def _compare_machine(self) -> None:
        """Flag another inventory than the session's. The sampler writes it when it starts, and then once a minute."""
        stored = sessions.inventory(self.progress.test.session_id)
        current = inventory.published(self.monitor.redis, self.monitor.host)
        self._flag(machine_changed(stored, current) if stored and current else None)

    def _measure_points(self, context: RunContext) -> Iterator[None]:
        software = SoftwareCheck(self.driver, self.progress)
        software.begin()
        confidence, precision = self.workload.confidence(self.options), self.workload.precision(self.options)
        measured_points = [
            PointRuns(number, point, [run for run in context.runs if run.conditions == point], confidence, precision)
            for number, point in enumerate(self._points(context))
        ]
        for point_runs in measured_points:
            point_context, count = context.at(point_runs.point), len(measured_points)
            point_runner = PointRunner(
                self.workload, point_context, self.progress, self.monitor, point_runs, count, software
            )
            yield from point_runner.steps()
        software.verify()
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
