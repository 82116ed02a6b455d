"""One test, from its first point to its metrics: the procedure that all test types share.

Points are what a test is measured at; worker/procedure/point_runner.py has what happens at each.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http import HTTPStatus

import structlog

from common.catalogue.options import Options
from common.catalogue.test_type import Point
from common.errors import OllamaError, OllamaHTTPError, TestFailure
from common.ollama.client import ModelFacts
from common.records.test_metrics import TestMetrics
from common.store import sessions
from common.store.tables import Phase
from worker.machine.idle_baseline import Baseline
from worker.machine.monitor import MachineMonitor
from worker.ollama.client import Driver
from worker.procedure import summary
from worker.procedure.point_runner import PointRunner
from worker.procedure.progress import Report
from worker.verdicts import Verdict, answer, machine
from worker.workload import context_window
from worker.workload.point_runs import PointRuns
from worker.workload.retry import retry
from worker.workload.run_context import RunContext
from worker.workload.test_type import Workload

logger = structlog.get_logger(__name__)


@dataclass
class Measurement:
    """The measurement of one test, point by point.

    `options` holds a value for each option of the test type. `ensure_active` is called before each request and raises
    when this worker must stop. `metrics` is set when all steps are done.
    """

    workload: Workload
    driver: Driver
    options: Options
    report: Report
    monitor: MachineMonitor
    ensure_active: Callable[[], None]
    metrics: TestMetrics = field(default_factory=lambda: TestMetrics(values={}))
    flags: list[Verdict] = field(default_factory=list)

    def steps(self) -> Iterator[None]:
        """Measure the test, with a pause before each run: whoever goes on may have run something else in it.

        Raises:
            TestFailure: when runs are rejected again and again, or the model cannot do what is asked.
            OllamaError: when the server keeps failing.
        """
        self.report.enter(Phase.PREPARING)
        self._look_at_idle()
        self._flag(machine.foreign_load(self.monitor.idle_usage))
        context = self._bench()
        try:
            yield from self._measured(context)
        finally:
            self._finish(context)

    def _look_at_idle(self) -> None:
        """A test that is taken up again keeps what was seen before its first run."""
        told = self.report.test.baseline
        idle = self.monitor.record_baseline(self.report.log, Baseline.from_stored(told) if told else None)
        if idle and not told:
            self.report.save_baseline(idle.describe())

    def _measured(self, context: RunContext) -> Iterator[None]:
        measured_points = [
            PointRuns(number, point, [run for run in context.runs if run.conditions == point])
            for number, point in enumerate(self._points(context))
        ]
        for point_runs in measured_points:
            series = PointRunner(
                self.workload, context.at(point_runs.point), self.report, self.monitor, point_runs, len(measured_points)
            )
            yield from series.steps()
            self.flags += [verdict for verdict in series.flags if verdict not in self.flags]
        for verdict in summary.judge(self.workload, measured_points, self.monitor.idle_usage):
            self._flag(verdict)
        self.metrics = summary.summarise(self.workload, measured_points, self.flags, self.monitor.idle)
        self.report.log(self.metrics.finding or "")

    def _finish(self, context: RunContext) -> None:
        """An error here would hide why the test ends."""
        try:
            self.workload.finish(context)
        except OllamaError as error:
            logger.warning("a test could not tidy up after itself", test=self.report.test.id, error=str(error))

    def _flag(self, verdict: Verdict | None) -> None:
        if verdict:
            self.flags.append(verdict)
            self.report.tell(verdict)

    def _bench(self) -> RunContext:
        model = self.report.test.model
        facts = retry(lambda: self._facts(model), self.report.log)
        length = context_window.length(self.workload.test_type, self.options, facts.context_length)
        seed = f"{self.report.claim.token} {self.report.test.id}"
        runs = sessions.runs(self.report.test)
        others = tuple(own["name"] for own in self.report.test.session.models if own["name"] != model)
        return RunContext(
            self.driver, model, self.options, facts, length, seed, runs, self.ensure_active, self.report.log, others
        )

    def _facts(self, model: str) -> ModelFacts:
        try:
            return self.driver.server.facts(model)
        except OllamaHTTPError as refused:
            if refused.status == HTTPStatus.NOT_FOUND:
                raise TestFailure(
                    f"{model} is gone from host {self.monitor.host}; pull it there and submit again"
                ) from refused
            raise

    def _points(self, context: RunContext) -> list[Point]:
        """Those that the model's context holds."""
        wanted = self.workload.points(context)
        points = context_window.fitting(self.workload.test_type, self.options, wanted, context.context_length)
        left_out = [point for point in wanted if point not in points]
        self._flag(answer.points_left_out(left_out, context.context_length) if left_out else None)
        return points
