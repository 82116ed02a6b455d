"""What the worker tells of one test: to the database under its claim, and to those who watch."""

from dataclasses import dataclass
from typing import Any, Literal

import structlog
from redis import Redis

from common import events, queries, records, streams
from common.models import Phase, Status, Test
from common.redis import progress_of

logger = structlog.get_logger(__name__)

Json = dict[str, Any]

WHOLE = 100.0


@dataclass
class Report:
    redis: Redis
    claim: records.Claim
    test: Test
    phase: Phase = Phase.QUEUED
    progress: float = 0.0

    def enter(self, phase: Phase) -> None:
        self.phase = phase
        records.set_phase(self.claim, self.test, phase)
        self._publish()

    def log(self, text: str) -> None:
        """A line of the test's log, for a person to follow."""
        logger.info(text, session=self.claim.session_id, model=self.test.model, test=self.test.test_type)
        records.log(self.claim, self.test, text)

    def advance(self, done: int, of: int, repetition: int | None = None, metrics: Json | None = None) -> None:
        """Tell that `done` of `of` steps are taken; `metrics` are those of the run that ended with this step."""
        self.progress = WHOLE * done / of
        self._publish(repetition=repetition, metrics=metrics)

    def save_run(self, repetition: int, figures: Json, record: Json) -> None:
        records.save_run(self.claim, self.test, repetition, figures, record)

    def _publish(self, **more: Any) -> None:  # noqa: ANN401 - passed on
        publish(self.redis, self.test, "progress", self.phase, self.progress, **more)


def publish(
    redis: Redis,
    test: Test,
    kind: Literal["progress", "complete", "error"],
    phase: str,
    progress: float,
    **more: Any,  # noqa: ANN401 - passed on
) -> None:
    """Tell those who watch how a test stands, and its session with it."""
    event = events.Event(
        type=kind,
        session_id=test.session_id,
        session=queries.state(test.session_id, progress if test.status == Status.RUNNING else 0),
        phase=phase,
        model=test.model,
        test_type=test.test_type,
        progress=progress,
        **more,
    )
    events.publish(redis, event)


def tell_end(redis: Redis, test: Test) -> None:
    """Tell how a test has ended, as the database has it."""
    if test.status == Status.COMPLETED:
        publish(redis, test, "complete", test.phase, WHOLE, metrics=test.metrics)
    else:
        publish(redis, test, "error", test.phase, WHOLE, error=test.message)


def tell_last_end(redis: Redis, session_id: str) -> None:
    """Tell how the last test that has ended did, unless that was told.

    For a session that is taken up: the worker before may have died between storing an end and telling it.
    """
    ended = [test for test in queries.tests(session_id) if test.status != Status.RUNNING]
    if ended and not _was_told(redis, ended[-1]):
        tell_end(redis, ended[-1])


def _was_told(redis: Redis, test: Test) -> bool:
    """Whether the test's end was, and with it the session's if it has ended."""
    wanted = (test.model, test.test_type, queries.state(test.session_id).status)
    told = (
        message for _, message in streams.read(redis, progress_of(test.session_id)) if message["type"] != "progress"
    )
    return wanted in {(end["modelName"], end["testType"], end["session"]["status"]) for end in told}
