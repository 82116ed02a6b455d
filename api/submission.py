"""Sessions as a client asks for them: checked against what is there, stored, and put on the queue."""

import contextlib
import hashlib
import json
from http import HTTPStatus
from typing import Any

import uuid_utils
from redis.exceptions import RedisError
from rq import Worker

from api.context import redis
from api.errors import refuse, refuse_fields
from api.placement import placed
from common import events, queries, queue, records
from common.catalogue import InvalidOptions, TestType, Value
from common.config import ALL_HOSTS
from common.errors import Conflict, Unavailable
from common.models import Phase, Session, Status

Json = dict[str, Any]


def submit(body: Json, key: str | None) -> list[Session]:
    """The sessions for this body, one unless it asks for all hosts: new, or the earlier ones of the idempotency key."""
    digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    earlier = queries.sessions_by_idempotency_key(key) if key else []
    if earlier:
        return _same(earlier, digest)
    sessions, new = records.create_sessions(_asked(body, digest, key))
    if new:
        _enqueue(sessions)
    return sessions


def outlook(sessions: list[Session]) -> str:
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
    before = queries.unfinished_before(session)
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


def _asked(body: Json, digest: str, key: str | None) -> list[records.NewSession]:
    """One session for each host that it is to run on; the first has the idempotency key."""
    types = resolved(body["test_types"], body["options"], _catalogue())
    models_of = placed(body["models"], body["host"])
    group = str(uuid_utils.uuid7()) if body["host"] == ALL_HOSTS else None
    return [
        records.NewSession(
            id=str(uuid_utils.uuid7()),
            host=host,
            models=models,
            test_types=types,
            request_digest=digest,
            group=group,
            order=body["order"],
            name=body["name"],
            tags=tuple(dict.fromkeys(body["tags"])),
            idempotency_key=None if number else key,
        )
        for number, (host, models) in enumerate(models_of.items())
    ]


def _catalogue() -> dict[str, TestType]:
    catalogue = queries.catalogue()
    if not catalogue:
        refuse(HTTPStatus.SERVICE_UNAVAILABLE, "no worker has started yet; start one with python -m worker")
    return catalogue


def _enqueue(sessions: list[Session]) -> None:
    """All in the database and on the queue, or in neither. Those who watch hear of them first, to hear in order."""
    try:
        for session in sessions:
            events.publish(redis(), events.Event("progress", session.id, queries.state(session.id), Phase.QUEUED))
        for session in sessions:
            queue.enqueue(redis(), session.id, session.host)
    except RedisError as error:
        _undo([session.id for session in sessions])
        raise Unavailable("Redis does not answer; nothing was taken, try again later") from error


def _undo(session_ids: list[str]) -> None:
    """Jobs of a group that are on the queue already find no session to run, should Redis not let go of them."""
    records.delete_sessions(session_ids)
    with contextlib.suppress(RedisError):
        for session_id in session_ids:
            queue.withdraw(redis(), session_id)
