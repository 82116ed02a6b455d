"""One test, from its first point to its metrics: the procedure that all test types share.

Points are what a test is measured at; worker/procedure/point_runner.py has what happens at each.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import structlog

from common.catalogue.test_types import Options, Point
from common.errors import OllamaError, OllamaRefused, TestFailure
from common.ollama.client import ModelFacts
from common.store import sessions
from common.store.tables import Phase
from worker.machine.idle_baseline import Baseline
from worker.machine.monitor import Witness
from worker.ollama.client import Driver
from worker.procedure import summary
from worker.procedure.point_runner import Repetition
from worker.procedure.progress import Report
from worker.verdicts import Verdict, answer, machine
from worker.workload import context_window
from worker.workload.point_runs import Part
from worker.workload.retry import retry
from worker.workload.run_context import Bench
from worker.workload.test_type import Workload

logger = structlog.get_logger(__name__)

Json = dict[str, Any]


@dataclass
class Measurement:
    """`options` are the test's, each with its value; `attend` is called before each request and raises when this worker
    should let go. When all steps are taken, `metrics` has what came out.
    """

    workload: Workload
    driver: Driver
    options: Options
    report: Report
    witness: Witness
    attend: Callable[[], None]
    metrics: Json = field(default_factory=dict)
    flags: list[Verdict] = field(default_factory=list)

    def steps(self) -> Iterator[None]:
        """Measure the test, with a pause before each run: whoever goes on may have run something else in it.

        Raises:
            TestFailure: when runs are rejected again and again, or the model cannot do what is asked.
            OllamaError: when the server keeps failing.
        """
        self.report.enter(Phase.PREPARING)
        self._look_at_idle()
        self._flag(machine.foreign_load(self.witness.quiet))
        bench = self._bench()
        try:
            yield from self._measured(bench)
        finally:
            self._finish(bench)

    def _look_at_idle(self) -> None:
        """A test that is taken up again keeps what was seen before its first run."""
        told = self.report.test.baseline
        idle = self.witness.look_at_idle(self.report.log, Baseline.stored(told) if told else None)
        if idle and not told:
            self.report.save_baseline(idle.describe())

    def _measured(self, bench: Bench) -> Iterator[None]:
        parts = [
            Part(number, point, [run for run in bench.runs if run.point == number])
            for number, point in enumerate(self._points(bench))
        ]
        for part in parts:
            series = Repetition(self.workload, bench.at(part.point), self.report, self.witness, part, len(parts))
            yield from series.steps()
            self.flags += [verdict for verdict in series.flags if verdict not in self.flags]
        for verdict in summary.judge(self.workload, parts, self.witness.quiet):
            self._flag(verdict)
        self.metrics = summary.summarise(self.workload, parts, self.flags, self.witness.idle)
        self.report.log(self.metrics["finding"])

    def _finish(self, bench: Bench) -> None:
        """An error here would hide why the test ends."""
        try:
            self.workload.finish(bench)
        except OllamaError as error:
            logger.warning("a test could not tidy up after itself", test=self.report.test.id, error=str(error))

    def _flag(self, verdict: Verdict | None) -> None:
        if verdict:
            self.flags.append(verdict)
            self.report.tell(verdict)

    def _bench(self) -> Bench:
        model = self.report.test.model
        facts = retry(lambda: self._facts(model), self.report.log)
        length = context_window.length(self.workload.test_type, self.options, facts.context_length)
        seed = f"{self.report.claim.token} {self.report.test.id}"
        runs = sessions.runs(self.report.test)
        others = tuple(own["name"] for own in self.report.test.session.models if own["name"] != model)
        return Bench(self.driver, model, self.options, facts, length, seed, runs, self.attend, self.report.log, others)

    def _facts(self, model: str) -> ModelFacts:
        try:
            return self.driver.server.facts(model)
        except OllamaRefused as refused:
            if refused.status == HTTPStatus.NOT_FOUND:
                raise TestFailure(
                    f"{model} is gone from host {self.witness.host}; pull it there and submit again"
                ) from refused
            raise

    def _points(self, bench: Bench) -> list[Point]:
        """Those that the model's context holds."""
        wanted = self.workload.points(bench)
        points = context_window.fitting(self.workload.test_type, self.options, wanted, bench.context_length)
        left_out = [point for point in wanted if point not in points]
        self._flag(answer.points_left_out(left_out, bench.context_length) if left_out else None)
        return points
