"""A session from its claim to its end: plan what is left of it, run that, and finish."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from itertools import groupby

import structlog
from redis import Redis
from redis.exceptions import RedisError

from common.catalogue.options import InvalidOptions
from common.config import settings
from common.errors import ClaimLost, OllamaError, OllamaHTTPError, TestFailure
from common.messaging import inventory
from common.ollama.client import Ollama
from common.store import claims, sessions, writes
from common.store.database import AWAY
from common.store.tables import Order, Session, Status, Test
from worker import test_types  # noqa: F401 - registers the test types
from worker.machine.monitor import MachineMonitor
from worker.ollama.client import Driver
from worker.procedure.progress import Report, publish_end, publish_last_end
from worker.procedure.test_runner import Measurement
from worker.sessions.reading_archive import ReadingArchive
from worker.workload.retry import retry
from worker.workload.test_type import WORKLOADS

logger = structlog.get_logger(__name__)

Checkpoint = Callable[[], None]


@dataclass(frozen=True)
class ScheduledTest:
    """A test that is under way; each of its `steps` is a run."""

    test: Test
    report: Report
    steps: Iterator[None]


@dataclass
class SessionRunner:
    """A claimed session on its way. `resumed` is whether another worker has been at it before; `progress` is that of
    the tests that are under way, in percent by their ids; `current_model` is the model that ran last.
    """

    redis: Redis
    claim: claims.Claim
    session: Session
    url: str
    resumed: bool
    checkpoint: Checkpoint
    progress: dict[int, float] = field(default_factory=dict)
    current_model: str | None = None
    recorder: ReadingArchive = field(init=False)

    def __post_init__(self) -> None:
        self.recorder = ReadingArchive(self.redis, self.claim, self.session)

    def run(self) -> None:
        """Run the tests that have not ended, in the session's order, and finish it."""
        self._describe_machine()
        pending = self._pending()
        if not pending:
            self._finish()
        if self.resumed:
            publish_last_end(self.redis, self.session.id)
        for tests in self._together(pending):
            self._run_tests(tests)

    def _describe_machine(self) -> None:
        found = inventory.published(self.redis, self.session.host)
        writes.describe_machine(self.claim, found, self._ollama_version())

    def _ollama_version(self) -> str | None:
        try:
            return Ollama(self.url).version()
        except OllamaError:
            return None  # each test will say for itself that the server is away

    def _pending(self) -> list[Test]:
        return [test for test in sessions.tests(self.session.id) if test.status == Status.RUNNING]

    def _together(self, pending: list[Test]) -> list[list[Test]]:
        """The tests that share their time: each alone, or the models under one test type."""
        if self.session.order == Order.SEQUENTIAL:
            return [[test] for test in pending]
        place = self.session.test_types.index
        by_type = sorted(pending, key=lambda test: place(test.test_type))
        return [list(tests) for _, tests in groupby(by_type, key=lambda test: test.test_type)]

    def _run_tests(self, tests: list[Test]) -> None:
        """A run of each, in an order drawn by lot, then again: no drift falls on one alone. The id seeds the lot."""
        lot = random.Random(f"{self.session.id} {tests[0].test_type}")  # noqa: S311 - an order, not a secret
        scheduled_tests = [self._turn(test) for test in tests]
        while scheduled_tests:
            for scheduled in lot.sample(scheduled_tests, len(scheduled_tests)):
                if not self._goes_on(scheduled):
                    scheduled_tests.remove(scheduled)
                    self._end(scheduled.test)

    def _turn(self, test: Test) -> ScheduledTest:
        report = Report(self.redis, self.claim, test, self.progress)
        return ScheduledTest(test, report, self._steps(test, report))

    def _steps(self, test: Test, report: Report) -> Iterator[None]:
        measurement = self._measurement(test, report)
        yield from measurement.steps()
        writes.complete_test(self.claim, test, measurement.metrics)

    def _measurement(self, test: Test, report: Report) -> Measurement:
        workload = WORKLOADS.get(test.test_type)
        if workload is None:
            raise TestFailure(
                f"this worker knows no test type {test.test_type}; is its release older than the session?"
            )
        try:
            options = workload.test_type.resolve(test.options)
        except InvalidOptions as error:
            raise TestFailure(f"{error}; is this worker's release another than the session's?") from error
        monitor = MachineMonitor(self.redis, self.session.host, settings().idle_baseline)
        return Measurement(workload(), self._driver(), options, report, monitor, self._attend)

    def _driver(self) -> Driver:
        return Driver(Ollama(self.url), settings().time_limits)

    def _attend(self) -> None:
        self.checkpoint()
        self.recorder.within_run()

    def _goes_on(self, scheduled: ScheduledTest) -> bool:
        """Take the next step of a test. Returns whether there is another one."""
        self.recorder.between_runs()
        try:
            self._make_room(scheduled)
            next(scheduled.steps)
        except StopIteration:
            return False
        except (OllamaError, TestFailure) as error:
            scheduled.report.log(f"failed: {error}")
            writes.fail_test(self.claim, scheduled.test, str(error))
            return False
        return True

    def _make_room(self, scheduled: ScheduledTest) -> None:
        """Unload the session's other models: each was kept in memory for its own runs. Others' models stay, and are
        flagged.
        """
        model = scheduled.test.model
        if model == self.current_model:
            return
        self.current_model = model
        driver = self._driver()
        ours = {own["name"] for own in self.session.models} - {model}
        loaded = retry(driver.server.loaded, scheduled.report.log)
        for name in sorted(ours & {there.name for there in loaded}):
            retry(partial(self._unload, driver, name, scheduled), scheduled.report.log)

    def _unload(self, driver: Driver, name: str, scheduled: ScheduledTest) -> None:
        """One that has been deleted while it was in memory cannot be told to go, and is flagged like others' models."""
        try:
            driver.unload(name)
        except OllamaHTTPError as refused:
            if refused.status != HTTPStatus.NOT_FOUND:
                raise
            scheduled.report.log(f"{name} stays in memory until its time is up: {refused}")
        else:
            scheduled.report.log(f"{name} unloaded, to leave the memory to {scheduled.test.model}")

    def _end(self, test: Test) -> None:
        self.progress.pop(test.id, None)
        self.current_model = None  # a test may have had other models in memory
        if not self._pending():
            self._finish()  # before the last message, so that who hears it can read the result
        publish_end(self.redis, sessions.test(test.id), sum(self.progress.values()))

    def _finish(self) -> None:
        self.recorder.copy()
        writes.finish_session(self.claim)


def give_up(redis: Redis, claim: claims.Claim, message: str) -> None:
    """End a session that cannot go on, and tell so for each test that it takes along."""
    _keep_readings(redis, claim)
    unfinished = [test for test in sessions.tests(claim.session_id) if test.status == Status.RUNNING]
    writes.fail_session(claim, message)
    for test in unfinished:
        publish_end(redis, sessions.test(test.id))


def _keep_readings(redis: Redis, claim: claims.Claim) -> None:
    """As far as possible: an error here would hide why the session ends, and may be just that."""
    try:
        ReadingArchive(redis, claim, Session.get_by_id(claim.session_id)).copy()
    except (ClaimLost, *AWAY, RedisError):
        raise
    except Exception:
        logger.exception("the last readings are not stored", session=claim.session_id)
