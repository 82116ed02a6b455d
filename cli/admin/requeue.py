"""`gait admin requeue`: sessions that should be on the queue and are not."""

import contextlib
from collections.abc import Iterable

import click
from redis import Redis

from cli.admin.output import answer, as_json, count
from common.environment.settings import settings
from common.messaging import events
from common.messaging.jobs import queue
from common.messaging.redis import check_writable, connect
from common.store.changes import reopening
from common.store.database import database, open_database
from common.store.reads import sessions
from common.store.tables import Phase, Session


@click.command()
@click.argument("session", nargs=-1)
@as_json
def requeue(session: tuple[str, ...], *, as_json: bool) -> None:
    """Put sessions back on the queue.

    Without SESSION, all that have not ended and whose job is lost. Workers do so themselves once a minute.

    Each SESSION that is named must have ended with failed tests, as after a fault of Ollama, a worker or a setting. It
    goes on with these tests. What it has measured stays, and each test continues at its first missing run, as after
    the death of a worker. Cancelled and pruned sessions are refused.
    """
    open_database(settings().database_url)
    with database.connection_context(), contextlib.closing(connect(settings().redis_url, patient=False)) as redis:
        check_writable(redis)
        tests = {each: _reopened(redis, each) for each in dict.fromkeys(session)}
        found = list(tests) if session else _lost(redis, sessions.unfinished())
    document = {"sessions": [{"sessionId": each, "tests": tests.get(each)} for each in found]}
    answer(document, f"Put back on the queue: {', '.join(found) or 'none'}.", as_json=as_json)


def _lost(redis: Redis, unfinished: Iterable[Session]) -> list[str]:
    return [each.id for each in unfinished if queue.restore(redis, each.id, each.machine)]


def _reopened(redis: Redis, session_id: str) -> int:
    """Let a session go on, and return the number of its failed tests. If Redis fails, workers queue it later."""
    tests = reopening.reopen(session_id)
    found = Session.get_by_id(session_id)
    message = f"put back on the queue with {count(tests, 'failed test')}"
    event = events.Event("progress", found.id, sessions.state(found.id), Phase.QUEUED, message=message)
    events.publish(redis, event)
    queue.restore(redis, found.id, found.machine)
    return tests
