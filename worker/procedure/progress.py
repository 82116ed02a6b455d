"""What the worker tells of one test: to the database under its claim, and to those who watch."""

from dataclasses import dataclass, field
from typing import Any, Literal

import structlog
from redis import Redis

from common.catalogue.test_type import Point
from common.free_json import Json
from common.messaging import durations, events, streams
from common.messaging.redis import progress_of
from common.records.runs import Metrics, RunRecord
from common.store import claims, sessions, writes
from common.store.tables import Phase, Run, Status, Test
from worker.verdicts import Verdict

logger = structlog.get_logger(__name__)

WHOLE = 100.0
MS_PER_S = 1000


@dataclass
class Report:
    """`progress` is that of all tests of the session that have begun and not ended, in percent by their ids; `told` the
    verdicts that were logged.
    """

    redis: Redis
    claim: claims.Claim
    test: Test
    progress: dict[int, float]
    told: set[tuple[str, str]] = field(default_factory=set)

    def enter(self, phase: Phase) -> None:
        self.test.phase = phase
        writes.set_phase(self.claim, self.test, phase)
        self._publish()

    def log(self, text: str) -> None:
        """A line of the test's log, for a person to follow."""
        logger.info(text, session=self.claim.session_id, model=self.test.model, test=self.test.test_type)
        writes.log(self.claim, self.test, text)
        self._publish(log=text)

    def tell(self, verdict: Verdict) -> None:
        """Log a verdict that counts, the first time at each point: some befall every run."""
        key = (verdict.name, str(verdict.point))
        if key not in self.told:
            self.log(str(verdict))
        self.told.add(key)

    def advance(self, share: float, point: Point, repetition: int, metrics: Metrics | None = None) -> None:
        """Tell which share of the test is done, 0 to 1; `metrics` are those of the run that has just ended."""
        self.progress[self.test.id] = WHOLE * share
        self._publish(point=point, repetition=repetition, metrics=metrics)

    def save_run(self, conditions: Point, repetition: int, metrics: Metrics, record: RunRecord) -> Run:
        """Store a run that counts, and return it."""
        run = Run(test=self.test, conditions=conditions, repetition=repetition, metrics=metrics, record=record)
        writes.save_run(self.claim, run)
        start, end = record["window"]
        durations.add_run(self.redis, self.test.test_type, (end - start) / MS_PER_S)
        return run

    def save_baseline(self, baseline: Json) -> None:
        self.test.baseline = baseline
        writes.save_baseline(self.claim, self.test, baseline)

    def _publish(self, **more: Any) -> None:  # noqa: ANN401 - passed on
        progress = self.progress.setdefault(self.test.id, 0.0)
        publish(self.redis, self.test, "progress", progress, sum(self.progress.values()), **more)


def publish(
    redis: Redis,
    test: Test,
    kind: Literal["progress", "complete", "error"],
    progress: float,
    running: float,
    **more: Any,  # noqa: ANN401 - passed on
) -> None:
    """Tell those who watch how a test stands, and its session; `running` is the percentage that is under way there."""
    event = events.Event(
        type=kind,
        session_id=test.session_id,
        session=sessions.state(test.session_id, running),
        phase=test.phase,
        model=test.model,
        test_type=test.test_type,
        progress=progress,
        **more,
    )
    events.publish(redis, event)


def publish_end(redis: Redis, test: Test, running: float = 0.0) -> None:
    """Tell how a test has ended, as the database has it, while so many percent of others are under way."""
    durations.add_test(redis, test)
    if test.status == Status.COMPLETED:
        publish(redis, test, "complete", WHOLE, running, metrics=test.metrics)
    else:
        publish(redis, test, "error", WHOLE, running, error=test.message)


def publish_last_end(redis: Redis, session_id: str) -> None:
    """Tell how the last test that has ended did, unless that was told.

    For a session that is taken up: the worker before may have died between storing an end and telling it.
    """
    ended = [test for test in sessions.tests(session_id) if test.status != Status.RUNNING]
    if ended and not _was_told(redis, ended[-1]):
        publish_end(redis, ended[-1])


def _was_told(redis: Redis, test: Test) -> bool:
    """Whether the test's end was, and with it the session's if it has ended."""
    wanted = (test.model, test.test_type, sessions.state(test.session_id).status)
    told = (
        message for _, message in streams.read(redis, progress_of(test.session_id)) if message["type"] != "progress"
    )
    return wanted in {(end["modelName"], end["testType"], end["session"]["status"]) for end in told}
