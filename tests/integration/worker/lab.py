"""Whole test runs on the double, and their stored results."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from redis import Redis

from common.ollama.client import Ollama
from common.store.reads import sessions
from common.store.tables import LogLine, Phase, Test
from testbed.ollama_double import OllamaDouble, Script
from testbed.single_test import blocks_of
from testbed.stored.sessions import OPTIONS, claim, create
from worker import test_types  # noqa: F401 - registers the test types
from worker.machine.monitor import MachineMonitor
from worker.ollama.client import Driver
from worker.procedure.progress import TestProgress
from worker.procedure.test_runner import TestRunner
from worker.workload.test_type import WORKLOADS, Workload

MS = 1_000_000
IDLE_S = 0.1
"""Duration of a short idle baseline."""
STEADY = {"eval_duration": 150 * MS}  # 16 tokens: 100 a second


@dataclass
class Lab:
    """A lab that runs the one test of a session on a double with steady rates, or at another `url`."""

    redis: Redis
    double: OllamaDouble
    checkpoint: Callable[[TestProgress], None] = lambda _: None
    url: str | None = None

    def test(self, test_type: str = "decode", **options: Any) -> Test:
        allowed = {option.name for option in WORKLOADS[test_type].test_type.options}
        usual = {name: value for name, value in OPTIONS.items() if name in allowed}
        (test,) = sessions.tests(create(test_types={test_type: {**usual, **options}}).id)
        return test

    def run(
        self,
        test: Test,
        *faults: Script,
        during: Phase = Phase.MEASURING,
        by: str = "me",
        workload: Workload | None = None,
    ) -> dict[str, Any]:
        """Run a test, with faults at the first requests of a phase."""
        left = list(faults)

        def fail(report: TestProgress) -> None:
            if report.test.phase == during:
                self.double.order(*left)
                left.clear()

        runner = self.runner(test, fail, by, workload)
        for _ in blocks_of(runner):
            pass
        return runner.metrics.as_json()

    def runner(
        self,
        test: Test,
        before_request: Callable[[TestProgress], None] = lambda _: None,
        by: str = "me",
        workload: Workload | None = None,
    ) -> TestRunner:
        kind = workload or WORKLOADS[test.test_type]()
        report = TestProgress(self.redis, claim(test.session, by), test, {})

        def checkpoint() -> None:
            before_request(report)
            self.checkpoint(report)

        driver, options = Driver(Ollama(self.url or self.double.url)), resolved(kind, test)
        return TestRunner(kind, driver, options, report, MachineMonitor(self.redis, "local", IDLE_S), checkpoint)


def resolved(kind: Workload, test: Test) -> dict[str, Any]:
    """Return the test's options that a workload of that kind has."""
    allowed = {option.name for option in kind.test_type.options}
    return kind.test_type.resolve({name: value for name, value in test.options.items() if name in allowed})


def at_rates(*rates: float) -> Iterable[Script]:
    return [Script(last={"eval_duration": int(15e9 / rate)}) for rate in rates]


def repetitions(test: Test) -> list[int]:
    return [run.repetition for run in sessions.runs(test)]


def rejected(test: Test) -> list[list[str]]:
    """Return the names of the verdicts that rejected attempts of each run."""
    return [[verdict["name"] for verdict in run.record["rejected"]] for run in sessions.runs(test)]


def errors(test: Test) -> list[str]:
    """Return the server's errors at the attempts of the first run."""
    return [verdict["evidence"]["error"] for verdict in sessions.runs(test)[0].record["rejected"]]


def find_verdict(metrics: dict[str, Any], name: str) -> dict[str, Any]:
    (verdict,) = [verdict for verdict in metrics["verdicts"] if verdict["name"] == name]
    assert isinstance(verdict, dict)
    return verdict


def logged(test: Test, name: str) -> int:
    return LogLine.select().where(LogLine.test == test, LogLine.text.startswith(f"{name} (")).count()


def verdicts(metrics: dict[str, Any]) -> set[str]:
    return {verdict["name"] for verdict in metrics["verdicts"]}
