"""A session from its claim to its end: plan what is left of it, run that, and finish."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from redis import Redis

from common import queries, records
from common.errors import OllamaError, TestFailure
from common.models import Session, Status, Test
from common.ollama import Ollama
from common.redis import inventory_of
from worker import workloads  # noqa: F401 - registers the test types
from worker.measurement import Measurement
from worker.ollama import Driver
from worker.report import Report, tell_end, tell_last_end
from worker.workload import REGISTRY, Bench

Checkpoint = Callable[[], None]


@dataclass(frozen=True)
class SessionRun:
    """A claimed session on its way. `resumed` is whether another worker has been at it before."""

    redis: Redis
    claim: records.Claim
    session: Session
    url: str
    resumed: bool
    checkpoint: Checkpoint

    def run(self) -> None:
        """Run the tests that have not ended, one after the other, and finish the session."""
        self._describe_machine()
        pending = self._pending()
        if not pending:
            records.finish_session(self.claim)
        if self.resumed:
            tell_last_end(self.redis, self.session.id)
        for test in pending:
            self._run_test(test)

    def _describe_machine(self) -> None:
        stored = self.redis.get(inventory_of(self.session.host))
        inventory = json.loads(stored) if isinstance(stored, bytes) else None
        records.describe_machine(self.claim, inventory, self._ollama_version())

    def _ollama_version(self) -> str | None:
        try:
            return Ollama(self.url).version()
        except OllamaError:
            return None  # each test will say for itself that the server is away

    def _pending(self) -> list[Test]:
        return [test for test in queries.tests(self.session.id) if test.status == Status.RUNNING]

    def _run_test(self, test: Test) -> None:
        report = Report(self.redis, self.claim, test)
        try:
            self._make_room(test, report)
            metrics = self._measurement(test, report).run()
        except (OllamaError, TestFailure) as error:
            report.log(f"failed: {error}")
            records.fail_test(self.claim, test, str(error))
        else:
            records.complete_test(self.claim, test, metrics)
        if not self._pending():
            records.finish_session(self.claim)  # before the last message, so that who hears it can read the result
        tell_end(self.redis, queries.test(test.id))

    def _make_room(self, test: Test, report: Report) -> None:
        """Unload the session's other models: each was kept in memory for its own tests. Others' models stay, and are
        flagged.
        """
        driver = Driver(Ollama(self.url))
        ours = {model["name"] for model in self.session.models} - {test.model}
        for name in sorted(ours & {loaded.name for loaded in driver.server.loaded()}):
            driver.unload(name)
            report.log(f"{name} unloaded, to leave the memory to {test.model}")

    def _measurement(self, test: Test, report: Report) -> Measurement:
        workload = REGISTRY.get(test.test_type)
        if workload is None:
            raise TestFailure(
                f"this worker knows no test type {test.test_type}; is its release older than the session?"
            )
        bench = Bench(Driver(Ollama(self.url)), test.model, test.options)
        return Measurement(workload(), bench, report, self.redis, self.session.host, self.checkpoint)


def give_up(redis: Redis, claim: records.Claim, message: str) -> None:
    """End a session that cannot go on, and tell so for each test that it takes along."""
    unfinished = [test for test in queries.tests(claim.session_id) if test.status == Status.RUNNING]
    records.fail_session(claim, message)
    for test in unfinished:
        tell_end(redis, queries.test(test.id))
