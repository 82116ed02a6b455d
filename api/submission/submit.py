"""From a request body to stored and queued sessions."""

import hashlib
import json
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple

import uuid_utils
from redis.exceptions import RedisError

from api.http.redis import redis
from api.http.settings import settings
from api.submission import session_limits
from api.submission.machines import assigned_machines, machines_now
from api.submission.placement import HostAvailability, place
from api.submission.queue_status import queue_status
from api.submission.test_options import resolve_options
from common.catalogue.effort import Effort
from common.catalogue.options import Value
from common.environment.servers.hosts import ALL_HOSTS
from common.errors import GaitError, KeyReused, Unavailable
from common.messaging import events
from common.messaging.inventory import published
from common.messaging.jobs import queue
from common.messaging.redis_errors import NO_RESPONSE
from common.process.failures import describe
from common.store.changes import writes
from common.store.reads import sessions as stored_sessions
from common.store.reads.sessions import SessionState
from common.store.tables import Phase, Session, Status
from common.values.free_json import Json


class Submitter(NamedTuple):
    """Origin of a session: owner of the API key, idempotency key, id of the schedule. Each is None without one."""

    owner: str | None
    key: str | None
    schedule: str | None = None


class Submission(NamedTuple):
    """Stored sessions. `problem` says why they are not on the queue yet, None if they are."""

    sessions: list[Session]
    problem: str | None


ORDER_TIMEOUT_S = 15
"""How long a submission waits for others, which wait for a database or a Redis that hardly answers."""

LATER_FIELDS: Json = {"effort": Effort.STANDARD, "repeat": 1}
"""Fields that the first releases did not have, with their defaults. A request may be repeated after an upgrade."""

logger = logging.getLogger(__name__)

_in_order = threading.Lock()


def check(body: Json) -> None:
    """Refuse a body as `submit` does if its sessions could not run as things are now. Nothing is stored."""
    session_limits.check_runs(body, resolve_options(body["test_types"], body["options"], body["effort"]))
    place(body["models"], body["host"])


def submit(body: Json, submitter: Submitter) -> Submission:
    """Store and queue the sessions of this body: one, or one per host for all hosts, as often as it is to be repeated.

    If the idempotency key was used before, return the sessions of that request. Once they are stored, they are accepted
    whatever happens then: a worker puts on the queue what is missing there.

    Raises:
        Unavailable: if nothing was stored, or if that is unknown.
    """
    earlier = submitted(submitter)
    if earlier:
        _check_digest(earlier, digest_of(body), submitter.key)
        return requeue(earlier)
    options = resolve_options(body["test_types"], body["options"], body["effort"])
    session_limits.check_runs(body, options)
    session_limits.check_open(body, submitter.owner)
    placed = place(body["models"], body["host"])
    machines = machines_now(redis(), settings().ollama_hosts)
    with _ordered():
        assigned = assigned_machines(redis(), machines, placed)
        sessions, are_new = _store(_new_sessions(body, submitter, options, placed, assigned))
        if are_new:
            return Submission(sessions, _enqueue(sessions))
    return requeue(sessions)


def submitted(submitter: Submitter) -> list[Session]:
    """Return the sessions that were stored for the submitter's key. Empty if there are none, or without a key."""
    return stored_sessions.sessions_by_idempotency_key(submitter.owner, submitter.key) if submitter.key else []


@contextmanager
def _ordered() -> Iterator[None]:
    """Let one submission at a time do what the block does.

    The block lasts from the creation of a session's id, which contains the time, until the session is on the queue. So
    ids, dates and queue have the same order.
    """
    if not _in_order.acquire(timeout=ORDER_TIMEOUT_S):
        raise Unavailable("No session was stored, because other submissions wait for the database or Redis.")
    try:
        yield
    finally:
        _in_order.release()


def _store(new: list[writes.NewSession]) -> tuple[list[Session], bool]:
    """Store new sessions as `writes.create_sessions` does, also if the database does not confirm it.

    Raises:
        Unavailable: if they are not stored, or if that is unknown.
    """
    try:
        return writes.create_sessions(new)
    except Unavailable as error:
        try:
            stored = [stored_sessions.session_alone(session.id) for session in new]
        except Unavailable:
            unknown = "Whether the session was stored is unknown. Send the request again with the same Idempotency-Key."
            raise Unavailable(f"{error} {unknown}") from error
        found = [session for session in stored if session]
        if not found:
            raise
        return found, True


def digest_of(body: Json) -> str:
    """Return the digest of a body, which is the same whether it states a default of LATER_FIELDS or leaves it out."""
    stated = {name: value for name, value in body.items() if (name, value) not in LATER_FIELDS.items()}
    return hashlib.sha256(json.dumps(stated, sort_keys=True).encode()).hexdigest()


def _check_digest(earlier: list[Session], digest: str, key: str | None) -> None:
    if earlier[0].request_digest != digest:
        raise KeyReused(key)


def _new_sessions(
    body: Json,
    submitter: Submitter,
    options: dict[str, dict[str, Value]],
    placed: dict[str, HostAvailability],
    machines: dict[str, str],
) -> list[writes.NewSession]:
    """Return one session per host and repeat, in the order in which they run. The first has the idempotency key."""
    digest = digest_of(body)
    wanted = [host for _ in range(body["repeat"]) for host in placed]
    group = str(uuid_utils.uuid7()) if body["host"] == ALL_HOSTS or body["repeat"] > 1 else None
    return [
        writes.NewSession(
            id=str(uuid_utils.uuid7()),
            host=host,
            models=placed[host].models,
            test_types=options,
            request_digest=digest,
            group=group,
            order=body["order"],
            effort=body["effort"],
            name=body["name"],
            tags=tuple(dict.fromkeys(body["tags"])),
            idempotency_key=None if number else submitter.key,
            owner=submitter.owner,
            schedule=submitter.schedule,
            machine=machines[host],
            ollama_version=placed[host].version,
            inventory=_inventory(host),
        )
        for number, host in enumerate(wanted)
    ]


def _inventory(host: str) -> Json | None:
    """Return the host's inventory. It is unknown without Redis; the worker stores it when it begins."""
    with suppress(RedisError):
        return published(redis(), host)
    return None


def requeue(earlier: list[Session]) -> Submission:
    """Queue sessions of an earlier request, which may have ended between the database and the queue."""
    waiting = [session for session in earlier if session.status == Status.RUNNING]
    return Submission(earlier, _attempted(lambda: _put(waiting)))


def _enqueue(sessions: list[Session]) -> str | None:
    """Queue new sessions. Subscribers get the queued events first. Return why that failed, None if it did not."""
    return _attempted(lambda: _announce(sessions), lambda: _put(sessions))


def _announce(sessions: list[Session]) -> None:
    for session in sessions:
        events.publish(redis(), _queued(session))


def _put(sessions: list[Session]) -> None:
    for session in sessions:
        queue.enqueue(redis(), session.id, session.machine)


def _attempted(*steps: Callable[[], None]) -> str | None:
    """Return why a step failed because of Redis, None if none did."""
    try:
        for step in steps:
            step()
    except RedisError as error:
        logger.warning("a session is stored, and not on the queue yet: %s", describe(error))
        return str(error) if isinstance(error, GaitError) else NO_RESPONSE
    return None


def _queued(session: Session) -> events.Event:
    state = SessionState(session.status, 0.0, 0, len(session.models) * len(session.test_types))
    return events.Event("progress", session.id, state, Phase.QUEUED, message=queue_status([session]))
