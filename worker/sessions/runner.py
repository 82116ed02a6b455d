"""A claimed session: plan the tests that are left, run them, and finish."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import groupby

import structlog
from redis import Redis

from common.catalogue.effort import Effort
from common.catalogue.options import InvalidOptions
from common.environment.settings import settings
from common.errors import OllamaError, TestFailure
from common.messaging import inventory
from common.ollama.client import Ollama
from common.process.failures import describe
from common.store.changes import circumstances, claims, writes
from common.store.reads import sessions
from common.store.tables import Order, Session, Status, Test
from worker import test_types  # noqa: F401 - registers the test types
from worker.machine.monitor import MachineMonitor
from worker.ollama.client import Driver
from worker.ollama.server_use import ServerUse
from worker.procedure.blocks import BlockSeries, Steps, next_block, shuffled
from worker.procedure.progress import TestProgress, publish_end, publish_last_end
from worker.procedure.software_check import known_version
from worker.procedure.test_runner import TestRunner
from worker.sessions.host_memory import HostMemory, unload_on_neighbours
from worker.sessions.interruptions import INTERRUPTIONS
from worker.sessions.reading_archive import ReadingArchive
from worker.workload.test_type import WORKLOADS

logger = structlog.get_logger(__name__)

Checkpoint = Callable[[], None]


@dataclass
class ScheduledTest:
    """A test in progress. `series` is what it measures now, None before its first step."""

    test: Test
    progress: TestProgress
    steps: Steps
    series: BlockSeries | None = None

    def advance(self, block: int | None) -> None:
        """Take the next step: the block of this number, or what follows when there are enough."""
        self.series = self.steps.send(block)


@dataclass
class SessionRunner:
    """The execution of a claimed session.

    `resumed` is true if another worker ran part of it before. `percentages` holds the percentage of each test in
    progress by its id. `current_model` is the model that ran last. `settled` is True when nothing of earlier sessions
    is left on the server.
    """

    redis: Redis
    claim: claims.Claim
    session: Session
    url: str
    resumed: bool
    checkpoint: Checkpoint
    authorization: str | None = field(default=None, repr=False)
    percentages: dict[int, float] = field(default_factory=dict)
    current_model: str | None = None
    settled: bool = False
    use: ServerUse = field(default_factory=ServerUse)
    memory: HostMemory = field(init=False)
    archive: ReadingArchive = field(init=False)

    def __post_init__(self) -> None:
        self.memory = HostMemory(self.redis, self.session.host, self._driver())
        self.archive = ReadingArchive(self.redis, self.claim, self.session)

    def run(self) -> None:
        """Run the tests that have not ended, in the session's order, and finish the session."""
        self._describe_machine()
        pending = self._pending()
        if not pending:
            self._finish()
        if self.resumed:
            publish_last_end(self.redis, self.session.id)
        for tests in self._groups(pending):
            self._run_tests(tests)

    def _describe_machine(self) -> None:
        found = inventory.published(self.redis, self.session.host)
        circumstances.describe_machine(self.claim, found, known_version(self._ollama()))

    def _pending(self) -> list[Test]:
        return [test for test in sessions.tests(self.session.id) if test.status == Status.RUNNING]

    def _groups(self, pending: list[Test]) -> list[list[Test]]:
        """Group the tests that take turns: each alone, or all models under one test type.

        A test whose runs must follow each other is alone in either order.
        """
        if self.session.order == Order.SEQUENTIAL:
            return [[test] for test in pending]
        position = self.session.test_types.index
        by_type = sorted(pending, key=lambda test: position(test.test_type))
        return [list(tests) for _, tests in groupby(by_type, key=_turn)]

    def _run_tests(self, tests: list[Test]) -> None:
        """Measure a block of each test in random order, then the next one.

        A drift of the machine then affects all tests alike. A test that fails drops out, and the others go on. The
        order depends on the session and the block alone.
        """
        seed = f"{self.session.id} {tests[0].test_type}"
        scheduled_tests = [self._schedule(test) for test in tests]
        while scheduled_tests:
            block = next_block([scheduled.series for scheduled in scheduled_tests if scheduled.series])
            for scheduled in shuffled(scheduled_tests, lambda scheduled: scheduled.test.id, f"{seed} {block}"):
                if not self._take_step(scheduled, block):
                    scheduled_tests.remove(scheduled)
                    self._end(scheduled.test)

    def _schedule(self, test: Test) -> ScheduledTest:
        progress = TestProgress(self.redis, self.claim, test, self.percentages)
        return ScheduledTest(test, progress, self._steps(test, progress))

    def _steps(self, test: Test, progress: TestProgress) -> Steps:
        runner = self._test_runner(test, progress)
        yield from runner.steps()
        writes.complete_test(self.claim, test, runner.metrics.as_json())

    def _test_runner(self, test: Test, progress: TestProgress) -> TestRunner:
        workload = WORKLOADS.get(test.test_type)
        if workload is None:
            raise TestFailure(
                f"Test type {test.test_type} is unknown to this worker. Update the worker to the API's release."
            )
        try:
            options = workload.test_type.resolve(test.options, Effort(self.session.effort or Effort.STANDARD))
        except InvalidOptions as error:
            raise TestFailure(
                f"This worker does not accept the options: {error}. Update the worker to the API's release."
            ) from error
        monitor = MachineMonitor(self.redis, self.session.host, settings().idle_baseline)
        between_runs = self.archive.between_runs
        return TestRunner(workload(), self._driver(), options, progress, monitor, self._ensure_active, between_runs)

    def _driver(self) -> Driver:
        return Driver(self._ollama(), settings().time_limits, self.use)

    def _ollama(self) -> Ollama:
        return Ollama(self.url, authorization=self.authorization)

    def _ensure_active(self) -> None:
        self.checkpoint()
        self.memory.keep()
        self.archive.within_run()

    def _take_step(self, scheduled: ScheduledTest, block: int | None) -> bool:
        """Take the next step of a test. Return False if the test has ended."""
        try:
            if block is not None or scheduled.series is None:  # a test that only ends needs no memory
                self._free_memory(scheduled)
            scheduled.advance(block)
        except StopIteration:
            return False
        except INTERRUPTIONS:
            raise
        except (OllamaError, TestFailure) as error:
            self._fail(scheduled, str(error))
            return False
        except Exception as error:  # an error of one test type must not end the tests of the others
            logger.exception("the test failed", session=self.session.id, test=scheduled.test.id)
            self._fail(scheduled, f"The worker failed: {describe(error)}. Its log has the stack trace.")
            return False
        return True

    def _fail(self, scheduled: ScheduledTest, message: str) -> None:
        scheduled.progress.log(f"failed: {message}")
        writes.fail_test(self.claim, scheduled.test, message)

    def _free_memory(self, scheduled: ScheduledTest) -> None:
        """Unload what Gait has loaded and the test does not need: other models, and leftovers of earlier sessions."""
        if not self.settled:
            also = {scheduled.test.model} if self.resumed else set()
            self.memory.unload_leftovers(scheduled.progress, self._ensure_active, also)
            unload_on_neighbours(self.redis, self.session)
            self.settled = True
        if scheduled.test.model != self.current_model:
            self.memory.unload_others(scheduled.test.model, scheduled.progress)
        self.current_model = scheduled.test.model

    def _end(self, test: Test) -> None:
        self.percentages.pop(test.id, None)
        self.current_model = None  # a test may have had other models in memory
        if not self._pending():
            self._finish()  # before the last message, so that its receivers can read the result
        publish_end(self.redis, sessions.test(test.id), sum(self.percentages.values()))

    def _finish(self) -> None:
        self.archive.copy()
        self.memory.unload_all()
        writes.finish_session(self.claim)


def _turn(test: Test) -> tuple[str, int | None]:
    """Return the key that tests with alternating runs have in common."""
    workload = WORKLOADS.get(test.test_type)
    return test.test_type, test.id if workload and not workload.test_type.alternates else None


def give_up(redis: Redis, claim: claims.Claim, message: str) -> None:
    """Fail a session that cannot go on, and publish the end of each unfinished test."""
    ReadingArchive(redis, claim, Session.get_by_id(claim.session_id)).copy()
    unfinished = [test for test in sessions.tests(claim.session_id) if test.status == Status.RUNNING]
    writes.fail_session(claim, message)
    for test in unfinished:
        publish_end(redis, sessions.test(test.id))
