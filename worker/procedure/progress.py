"""Progress of a test: stored under the session's claim, and published to WebSocket clients."""

from dataclasses import dataclass, field
from typing import Any, Literal

import structlog
from redis import Redis

from common.catalogue.test_type import Point
from common.messaging import events, streams
from common.messaging.counts import durations
from common.messaging.redis import progress_of
from common.records.machine import BaselineRecord
from common.records.runs import Metrics, RunRecord
from common.records.test_metrics import headline_metrics
from common.records.verdicts import VerdictRecord
from common.store.changes import claims, writes
from common.store.reads import sessions
from common.store.tables import Phase, Run, Status, Test
from worker.verdicts import Verdict

logger = structlog.get_logger(__name__)

WHOLE = 100.0
MS_PER_S = 1000


@dataclass
class TestProgress:
    """Storage and publication of one test's progress.

    `percentages` holds the percentage of each test in progress of the session, by its id. `logged` holds the verdicts
    that were logged, each by its name and point.
    """

    redis: Redis
    claim: claims.Claim
    test: Test
    percentages: dict[int, float]
    logged: set[tuple[str, str]] = field(default_factory=set)

    def enter(self, phase: Phase, point: Point | None = None) -> None:
        """Begin a phase of the test, or of one of its points."""
        self.test.phase = phase
        writes.set_phase(self.claim, self.test, phase)
        self._publish(point=point)

    def log(self, text: str) -> None:
        """Add a line to the test's log."""
        writes.log(self.claim, self.test, text)
        self._publish_line(text)

    def _publish_line(self, text: str) -> None:
        logger.info(text, session=self.claim.session_id, model=self.test.model, test=self.test.test_type)
        self._publish(log=text)

    def flag(self, verdict: Verdict) -> None:
        """Store and log a verdict on the test or one of its points. It counts once at each point."""
        if all((flag.name, flag.point) != (verdict.name, verdict.point) for flag in self.flags):
            writes.add_verdict(self.claim, self.test, verdict.record(), str(verdict))
            self._publish_line(str(verdict))
        self.logged.add(_key(verdict))

    def reject(self, verdict: Verdict, point: Point, repetition: int) -> None:
        """Store and log the verdict that rejected an attempt at a run."""
        text = f"run {repetition} rejected: {verdict}"
        record = VerdictRecord(**{**verdict.at(point).record(), "repetitions": [repetition]})
        writes.add_verdict(self.claim, self.test, record, text)
        self._publish_line(text)

    @property
    def flags(self) -> list[Verdict]:
        """The verdicts on the test and its points that were stored by any worker."""
        return [Verdict.parse(stored) for stored in self.test.verdicts or () if "repetitions" not in stored]

    def rejections(self, point: Point, repetition: int) -> list[Verdict]:
        """Return the verdicts that rejected attempts at a run, by any worker."""
        wanted = (point, [repetition])
        found = [each for each in self.test.verdicts or () if (each["point"], each.get("repetitions")) == wanted]
        return [Verdict.parse(stored).at({}) for stored in found]

    def log_verdict(self, verdict: Verdict) -> None:
        """Log a verdict once at each point, because it may apply to every run."""
        if _key(verdict) not in self.logged:
            self.log(str(verdict))
        self.logged.add(_key(verdict))

    def advance(self, share: float, point: Point, repetition: int, metrics: Metrics | None = None) -> None:
        """Publish the share of the test that is done, 0 to 1, and the `metrics` of a run that has just ended."""
        self.reach(share)
        self._publish(point=point, repetition=repetition, metrics=metrics)

    def reach(self, share: float) -> None:
        """Note the share of the test that is done, for the next message."""
        self.percentages[self.test.id] = WHOLE * share

    def save_run(self, conditions: Point, repetition: int, metrics: Metrics, record: RunRecord) -> Run:
        """Store a run that counts, and return it."""
        run = Run(test=self.test, conditions=conditions, repetition=repetition, metrics=metrics, record=record)
        writes.save_run(self.claim, run)
        start, end = record["window"]
        durations.add_run(self.redis, self.test.test_type, (end - start) / MS_PER_S)
        return run

    def save_baseline(self, baseline: BaselineRecord) -> None:
        """Store the idle-machine baseline with the test."""
        self.test.baseline = baseline
        writes.save_baseline(self.claim, self.test, baseline)

    def _publish(self, **more: Any) -> None:  # noqa: ANN401 - passed on
        progress = self.percentages.setdefault(self.test.id, 0.0)
        publish(self.redis, self.test, "progress", progress, sum(self.percentages.values()), **more)


def _key(verdict: Verdict) -> tuple[str, str]:
    return verdict.name, str(verdict.point)


def publish(
    redis: Redis,
    test: Test,
    kind: Literal["progress", "complete", "error"],
    progress: float,
    running: float,
    **more: Any,  # noqa: ANN401 - passed on
) -> None:
    """Publish the state of a test and its session.

    `running` is the sum of the percentages of the session's tests in progress.
    """
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
    """Publish the end of a test, as it is stored. `running` is as in `publish`."""
    durations.add_test(redis, test)
    if test.status == Status.COMPLETED:
        publish(redis, test, "complete", WHOLE, running, metrics=headline_metrics(test.metrics or {}))
    else:
        publish(redis, test, "error", WHOLE, running, error=test.message)


def publish_last_end(redis: Redis, session_id: str) -> None:
    """Publish the end of the last test that ended, if that has not happened.

    The worker before may have died between storing an end and publishing it.
    """
    ended = [test for test in sessions.tests(session_id) if test.status != Status.RUNNING]
    if ended and not _is_published(redis, ended[-1]):
        publish_end(redis, ended[-1])


def _is_published(redis: Redis, test: Test) -> bool:
    """Return whether the end of the test was published, with the session's end if that has ended."""
    wanted = (test.model, test.test_type, sessions.state(test.session_id).status)
    ends = (
        message for _, message in streams.read(redis, progress_of(test.session_id)) if message["type"] != "progress"
    )
    return wanted in {(end["modelName"], end["testType"], end["session"]["status"]) for end in ends}
