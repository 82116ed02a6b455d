"""The end of a session before its time: in the database, on the queue, and for its clients."""

import logging

from redis.exceptions import RedisError

from api.http.redis import redis
from common.errors import Unavailable
from common.messaging import events
from common.messaging.jobs import queue
from common.messaging.redis import check_writable
from common.process.failures import describe
from common.store.changes import writes
from common.store.reads import sessions as stored_sessions
from common.store.reads.sessions import SessionState
from common.store.tables import Phase, Session, Status

logger = logging.getLogger(__name__)


def cancel_session(session: Session) -> bool:
    """Cancel a session that is waiting or running. Return False if it has already ended.

    Raises:
        Unavailable: if Redis or the database cannot be used. Nothing is changed then.
    """
    check_writable(redis())  # without Redis the worker could not be stopped
    if not writes.cancel_session(session.id):
        return False
    try:
        queue.withdraw(redis(), session.id)
        _publish_cancelled(session)
    except (RedisError, Unavailable) as error:  # the worker notices the end of its claim
        logger.warning("a session is cancelled, and its worker or its clients do not know yet: %s", describe(error))
    return True


def _publish_cancelled(session: Session) -> None:
    """Publish an `error` for each unfinished test, the last with the session's end, or one if there is no such test."""
    tests = stored_sessions.tests(session.id)
    cancelled = [test for test in tests if test.phase == Phase.CANCELLED]
    failed = sum(test.status == Status.ERROR for test in tests) - len(cancelled)
    for number, test in enumerate(cancelled or [None], start=1):
        ended = len(tests) - len(cancelled) + number if cancelled else len(tests)
        status = Status.ERROR if ended == len(tests) else Status.RUNNING
        event = events.Event(
            "error",
            session.id,
            SessionState(status, 100 * ended / len(tests), ended, len(tests), failed),
            Phase.CANCELLED,
            model=test.model if test else "",
            test_type=test.test_type if test else "",
            error="cancelled by request",
        )
        events.publish(redis(), event)
