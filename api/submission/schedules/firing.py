"""What a schedule does when it is due: it submits its session, once for each due time.

The idempotency key of the session is made of the schedule and the due time. So a scheduler that was killed after the
submission, or another one, finds the session, however often the due time is tried.
"""

import logging
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import NamedTuple

from marshmallow import ValidationError
from werkzeug.exceptions import HTTPException

from api.schemas.sessions.submission import NewSession
from api.submission.schedules.refusals import listed, sentence
from api.submission.submit import Submission, Submitter, requeue, submit, submitted
from common.errors import ConfigurationError, GaitError, Unavailable
from common.store import schedules
from common.store.schedules import Schedule
from common.values.cron import InvalidTime, next_time
from common.values.units import iso

RETRY = timedelta(seconds=10)
"""When a due time is tried again if an Ollama, Redis or the owner's limit of sessions does not allow it now."""
PASSING = (HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS)
CLOCK_TOLERANCE = timedelta(hours=1)
"""A clock that was put back by more was wrong before. One that was put back by less does not repeat a time."""

logger = logging.getLogger(__name__)


class Outcome(NamedTuple):
    """What became of a due time: the id of its session, or why there is none."""

    session: str | None
    problem: str | None


class Postponed(GaitError):
    """A due time that cannot be dealt with now."""


def fire_next(now: datetime) -> bool:
    """Deal with one schedule that is due and that no other process has claimed. Return False if there is none.

    An Ollama that does not answer takes ten seconds each time. So one that is tried again comes after the others.
    """
    for schedule in schedules.due(now):
        if schedule.next_at and schedules.claim(schedule, now):
            _fire(schedule, schedule.next_at, now)
            return True
    return False


def correct_times(now: datetime) -> None:
    """Compute the next times again, because the clock or the rules of time zones have changed. Due ones stay due."""
    for schedule in schedules.enabled():
        if schedule.next_at is None or schedule.next_at > now:
            expected, _ = _next(schedule, _dealt_with(schedule, now))
            if expected != schedule.next_at:
                schedules.correct(schedule, expected)


def submit_session(schedule: Schedule, submitter: Submitter) -> Submission:
    """Submit the session of a schedule, now.

    Raises:
        ValidationError: if the body is no longer valid.
    """
    return submit(NewSession().load(schedule.session), submitter)


def unfinished_problem(schedule: Schedule) -> str | None:
    """Return why no session is submitted while another of the schedule waits or runs, None if there is none."""
    session = schedules.unfinished(schedule.id)
    return f"Session {session.id} of this schedule has not ended yet." if session else None


def _fire(schedule: Schedule, due: datetime, now: datetime) -> None:
    try:
        outcome = _attempt(schedule, Submitter(schedule.owner, f"schedule {schedule.id} {iso(due)}", schedule.id))
    except Postponed as reason:
        problem = f"The session of {iso(due)} is not submitted yet, and tried again: {reason}"
        logger.warning("schedule %s: %s", schedule.id, problem)
        schedules.postpone(schedule, now + RETRY, problem)
        return
    next_at, no_time = _next(schedule, max(now, due))
    problems = [text for text in (outcome.problem and f"{iso(due)}: {outcome.problem}", no_time) if text]
    schedules.finish(schedule, outcome.session, " ".join(problems) or None, next_at)
    for problem in problems:
        logger.warning("schedule %s: %s", schedule.id, problem)
    if outcome.session:
        logger.info("schedule %s: session %s is submitted for %s", schedule.id, outcome.session, iso(due))


def _attempt(schedule: Schedule, submitter: Submitter) -> Outcome:
    """Submit the session, unless it was submitted before.

    Raises:
        Postponed: if that may succeed later.
    """
    earlier = submitted(submitter)
    if earlier:
        return Outcome(requeue(earlier).sessions[0].id, None)
    running = unfinished_problem(schedule)
    if running:
        return Outcome(None, running)
    try:
        return Outcome(submit_session(schedule, submitter).sessions[0].id, None)
    except ValidationError as error:
        return Outcome(None, "; ".join(listed(error.messages)))
    except HTTPException as error:
        if error.code in PASSING:
            raise Postponed(sentence(error)) from error
        return Outcome(None, sentence(error))
    except (Unavailable, ConfigurationError) as error:
        raise Postponed(str(error)) from error


def _next(schedule: Schedule, after: datetime) -> tuple[datetime | None, str | None]:
    """Return the next time of a schedule, or None and why there is none."""
    try:
        return next_time(schedule.cron, schedule.time_zone, after), None
    except InvalidTime as error:
        return None, f"It has no next time: {schedule.cron} in {schedule.time_zone}: {error}."


def _dealt_with(schedule: Schedule, now: datetime) -> datetime:
    """Return the moment up to which times are over. It may be ahead of a clock that was put back a little."""
    last = schedule.last_at
    return last if last is not None and now < last <= now + CLOCK_TOLERANCE else now
