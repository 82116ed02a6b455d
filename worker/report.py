"""What the worker tells of one test: to the database under its claim, and to those who watch."""

from dataclasses import dataclass
from typing import Any, Literal

import structlog
from redis import Redis

from common import events, queries, records
from common.models import Phase, Status, Test

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
        self._publish("progress")

    def log(self, text: str) -> None:
        """A line of the test's log, for a person to follow."""
        logger.info(text, session=self.claim.session_id, model=self.test.model, test=self.test.test_type)
        records.log(self.claim, self.test, text)

    def advance(self, done: int, of: int, repetition: int | None = None, metrics: Json | None = None) -> None:
        """Tell that `done` of `of` steps are taken; `metrics` are those of the run that ended with this step."""
        self.progress = WHOLE * done / of
        self._publish("progress", repetition=repetition, metrics=metrics)

    def save_run(self, repetition: int, figures: Json, record: Json) -> None:
        records.save_run(self.claim, self.test, repetition, figures, record)

    def _publish(self, kind: Literal["progress", "complete", "error"], **more: Any) -> None:  # noqa: ANN401 - passed on
        event = events.Event(
            type=kind,
            session_id=self.claim.session_id,
            session=queries.state(self.claim.session_id, self.progress if self.test.status == Status.RUNNING else 0),
            phase=self.phase,
            model=self.test.model,
            test_type=self.test.test_type,
            progress=self.progress,
            **more,
        )
        events.publish(self.redis, event)


def announce_end(redis: Redis, claim: records.Claim, test: Test) -> None:
    """Tell those who watch how a test ended, as the database has it."""
    report = Report(redis, claim, test, Phase(test.phase), WHOLE)
    if test.status == Status.COMPLETED:
        report._publish("complete", metrics=test.metrics)  # noqa: SLF001 - of this module
    else:
        report._publish("error", error=test.message)  # noqa: SLF001 - of this module
