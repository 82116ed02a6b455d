"""From a request body to stored and queued sessions."""

import contextlib
import hashlib
import json
import threading
from typing import NamedTuple

import uuid_utils
from redis.exceptions import RedisError

from api.app_state import redis
from api.http.auth import owner
from api.http.settings import settings
from api.submission import session_limits
from api.submission.placement import HostAvailability, place
from api.submission.queue_status import queue_status
from api.submission.test_options import resolve_options
from api.submission.turns import machines_now, take_turns
from common.catalogue.options import Value
from common.environment.hosts import ALL_HOSTS
from common.errors import Conflict, Unavailable
from common.free_json import Json
from common.messaging import events, queue
from common.store import sessions as stored_sessions
from common.store import writes
from common.store.sessions import SessionState
from common.store.tables import Phase, Session, Status


class Submitter(NamedTuple):
    """Origin of a session: digest of the body, idempotency key, owner of the API key."""

    digest: str
    key: str | None
    owner: str | None


_in_order = threading.Lock()
"""Held from the creation of a session's id, which contains the time, until the session is on the queue. Ids, dates and
queue then have the same order.
"""


def submit(body: Json, key: str | None) -> list[Session]:
    """Store and queue the sessions of this body: one, or one per host for all hosts.

    If the idempotency key was used before, return the sessions of that request.
    """
    digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    earlier = stored_sessions.sessions_by_idempotency_key(owner(), key) if key else []
    if earlier:
        _check_digest(earlier, digest, key)
        return _requeue(earlier)
    options = resolve_options(body["test_types"], body["options"])
    submitter = Submitter(digest, key, session_limits.check_session(body, options))
    placed = place(body["models"], body["host"])
    machines = machines_now(redis(), settings().ollama_hosts)
    with _in_order:
        turns = take_turns(redis(), machines, placed)
        sessions, are_new = writes.create_sessions(_new_sessions(body, submitter, options, placed, turns))
        if are_new:
            _enqueue(sessions)
    return sessions if are_new else _requeue(sessions)


def _check_digest(earlier: list[Session], digest: str, key: str | None) -> None:
    if earlier[0].request_digest != digest:
        raise Conflict(f"Idempotency-Key {key!r} was used with another body")


def _new_sessions(
    body: Json,
    submitter: Submitter,
    options: dict[str, dict[str, Value]],
    placed: dict[str, HostAvailability],
    turns: dict[str, str],
) -> list[writes.NewSession]:
    """Return one session per host. The first has the idempotency key."""
    group = str(uuid_utils.uuid7()) if body["host"] == ALL_HOSTS else None
    return [
        writes.NewSession(
            id=str(uuid_utils.uuid7()),
            host=host,
            models=available.models,
            test_types=options,
            request_digest=submitter.digest,
            group=group,
            order=body["order"],
            name=body["name"],
            tags=tuple(dict.fromkeys(body["tags"])),
            idempotency_key=None if number else submitter.key,
            owner=submitter.owner,
            machine=turns[host],
            ollama_version=available.version,
        )
        for number, (host, available) in enumerate(placed.items())
    ]


def _requeue(earlier: list[Session]) -> list[Session]:
    """Queue sessions of an earlier request, which may have ended between the database and the queue."""
    for session in earlier:
        if session.status == Status.RUNNING:
            queue.enqueue(redis(), session.id, session.machine)
    return earlier


def _enqueue(sessions: list[Session]) -> None:
    """Queue new sessions, or delete them all again if Redis cannot be used. Subscribers get the queued events first."""
    try:
        for session in sessions:
            events.publish(redis(), _queued(session))
        for session in sessions:
            queue.enqueue(redis(), session.id, session.machine)
    except RedisError as error:
        _undo([session.id for session in sessions])
        raise Unavailable(f"No session was stored. {error}") from error


def _queued(session: Session) -> events.Event:
    state = SessionState(session.status, 0.0, 0, len(session.models) * len(session.test_types))
    return events.Event("progress", session.id, state, Phase.QUEUED, message=queue_status([session]))


def _undo(session_ids: list[str]) -> None:
    """Delete sessions. Their jobs do nothing without a session, so Redis may keep some."""
    writes.delete_sessions(session_ids)
    with contextlib.suppress(RedisError):
        for session_id in session_ids:
            queue.withdraw(redis(), session_id)
