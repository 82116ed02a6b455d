"""Sessions as a client asks for them: checked against what is there, stored, and put on the queue."""

import contextlib
import hashlib
import json
import threading
from http import HTTPStatus
from typing import Any, NamedTuple

import uuid_utils
from redis.exceptions import RedisError
from rq import Worker

from api.app_state import redis
from api.http.errors import refuse, refuse_fields
from api.submission import session_limits
from api.submission.placement import placed
from common.catalogue.test_types import InvalidOptions, TestType, Value
from common.config import ALL_HOSTS
from common.errors import Conflict, Unavailable
from common.messaging import events, queue
from common.store import sessions as stored_sessions
from common.store import totals, writes
from common.store.sessions import SessionState
from common.store.tables import Phase, Session, Status

Json = dict[str, Any]


class Submitter(NamedTuple):
    """What is kept of a request: its body's digest, its idempotency key, and whose it is."""

    digest: str
    key: str | None
    owner: str | None


_turn = threading.Lock()
"""From a session's id, which tells its time, to its place on the queue: so ids, dates and places have one order."""


def submit(body: Json, key: str | None) -> list[Session]:
    """The sessions for this body, one unless it asks for all hosts: new, or the earlier ones of the idempotency key."""
    digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    earlier = stored_sessions.sessions_by_idempotency_key(key) if key else []
    if earlier:
        return _again(_same(earlier, digest))
    there = catalogue()
    types = resolved(body["test_types"], body["options"], there)
    asker = Submitter(digest, key, session_limits.check_session(body, types, there))
    models_of = placed(body["models"], body["host"])
    with _turn:
        sessions, new = writes.create_sessions(_asked(body, asker, types, models_of))
        if new:
            _enqueue(sessions)
    return sessions if new else _again(sessions)


def queue_status(sessions: list[Session]) -> str:
    """When the sessions will run, as far as can be told."""
    workers = Worker.count(connection=redis())
    outlooks = {session.host: _outlook(session, workers) for session in sessions}
    if len(set(outlooks.values())) == 1:
        told = next(iter(outlooks.values()))
    else:
        told = "; ".join(f"{host}: {text}" for host, text in outlooks.items())
    needed = sum(session.status == Status.RUNNING for session in sessions)
    few = f"; to run side by side they need {needed} workers; running now: {workers}"
    return told + few if 0 < workers < needed else told


def _outlook(session: Session, workers: int) -> str:
    if session.status != Status.RUNNING or session.phase != Phase.QUEUED:
        return f"the session is {session.status}, phase {session.phase}"
    if not workers:
        return "waits for a worker: none is running; start one with python -m worker"
    before = totals.before(session)
    sessions = "1 session is" if before == 1 else f"{before} sessions are"
    return f"{sessions} before it on host {session.host}" if before else "starts at once"


def resolved(names: list[str], options: Json, catalogue: dict[str, TestType]) -> dict[str, dict[str, Value]]:
    """The options of each test type, all of them; 422 for what is unknown or out of range."""
    unknown = [name for name in names if name not in catalogue]
    if unknown:
        refuse_fields({"testTypes": [f"{', '.join(unknown)}: not known; there are {', '.join(catalogue)}"]})
    found = {}
    problems: Json = {name: ["is not among testTypes"] for name in options if name not in names}
    for name in names:
        try:
            found[name] = catalogue[name].resolve(options.get(name, {}))
        except InvalidOptions as error:
            problems[name] = {option: [problem] for option, problem in error.problems.items()}
    if problems:
        refuse_fields({"options": problems})
    return found


def _same(earlier: list[Session], digest: str) -> list[Session]:
    if earlier[0].request_digest != digest:
        raise Conflict(f"Idempotency-Key {earlier[0].idempotency_key!r} was used with another body")
    return earlier


def _asked(
    body: Json, asker: Submitter, types: dict[str, dict[str, Value]], models_of: dict[str, list[Json]]
) -> list[writes.NewSession]:
    """One session for each host that it is to run on; the first has the idempotency key."""
    group = str(uuid_utils.uuid7()) if body["host"] == ALL_HOSTS else None
    return [
        writes.NewSession(
            id=str(uuid_utils.uuid7()),
            host=host,
            models=models,
            test_types=types,
            request_digest=asker.digest,
            group=group,
            order=body["order"],
            name=body["name"],
            tags=tuple(dict.fromkeys(body["tags"])),
            idempotency_key=None if number else asker.key,
            owner=asker.owner,
        )
        for number, (host, models) in enumerate(models_of.items())
    ]


def catalogue() -> dict[str, TestType]:
    catalogue = stored_sessions.catalogue()
    if not catalogue:
        refuse(HTTPStatus.SERVICE_UNAVAILABLE, "no worker has started yet; start one with python -m worker")
    return catalogue


def _again(earlier: list[Session]) -> list[Session]:
    """The first request may have died, or still be, between the database and the queue."""
    for session in earlier:
        if session.status == Status.RUNNING:
            queue.enqueue(redis(), session.id, session.host)
    return earlier


def _enqueue(sessions: list[Session]) -> None:
    """All in the database and on the queue, or in neither. Those who watch hear of them first, to hear in order."""
    try:
        for session in sessions:
            events.publish(redis(), events.Event("progress", session.id, _state(session), Phase.QUEUED))
        for session in sessions:
            queue.enqueue(redis(), session.id, session.host)
    except RedisError as error:
        _undo([session.id for session in sessions])
        raise Unavailable("Redis does not answer; nothing was taken, try again later") from error


def _state(session: Session) -> SessionState:
    """Of one that is new: each model under each test type is yet to be tested."""
    return SessionState(session.status, 0.0, 0, len(session.models) * len(session.test_types))


def _undo(session_ids: list[str]) -> None:
    """Jobs of a group that are on the queue already find no session to run, should Redis not let go of them."""
    writes.delete_sessions(session_ids)
    with contextlib.suppress(RedisError):
        for session_id in session_ids:
            queue.withdraw(redis(), session_id)
