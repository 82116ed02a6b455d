"""A session as a client asks for it: checked against what is there, stored, and put on the queue."""

import hashlib
import json
from http import HTTPStatus
from typing import Any

import uuid_utils
from redis.exceptions import RedisError
from rq import Worker

from api.context import host_named, ollama_of, redis
from api.errors import refuse, refuse_fields
from api.models import tags
from common import events, queries, queue, records
from common.catalogue import InvalidOptions, TestType, Value
from common.errors import Conflict, Unavailable
from common.models import Phase, Session, Status
from common.ollama import InstalledModel

Json = dict[str, Any]


def submit(body: Json, key: str | None) -> Session:
    """The session for this body: a new one, or the earlier one of the same idempotency key."""
    digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    earlier = queries.session_by_idempotency_key(key) if key else None
    if earlier is not None:
        return _same(earlier, digest)
    host = host_named(body["host"])
    types = resolved(body["test_types"], body["options"], _catalogue())
    session, new = records.create_session(
        records.NewSession(
            id=str(uuid_utils.uuid7()),
            host=host,
            models=_installed(body["models"], host),
            test_types=types,
            request_digest=digest,
            order=body["order"],
            name=body["name"],
            tags=tuple(dict.fromkeys(body["tags"])),
            idempotency_key=key,
        )
    )
    if new:
        _enqueue(session)
    return session


def outlook(session: Session) -> str:
    """When the session will run, as far as can be told."""
    if session.status != Status.RUNNING or session.phase != Phase.QUEUED:
        return f"the session is {session.status}, phase {session.phase}"
    if not Worker.count(connection=redis()):
        return "waits for a worker: none is running; start one with python -m worker"
    before = sum(other.id < session.id for other in queries.unfinished(session.host))  # ids sort by time
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


def _same(earlier: Session, digest: str) -> Session:
    if earlier.request_digest != digest:
        raise Conflict(f"Idempotency-Key {earlier.idempotency_key!r} was used with another body")
    return earlier


def _catalogue() -> dict[str, TestType]:
    catalogue = queries.catalogue()
    if not catalogue:
        refuse(HTTPStatus.SERVICE_UNAVAILABLE, "no worker has started yet; start one with python -m worker")
    return catalogue


def _installed(names: list[str], host: str) -> list[Json]:
    """The models of a session, as stored; 422 for those that the host does not have."""
    ollama = ollama_of(host)
    there = {model.name: model for model in ollama.models()}
    unknown = [name for name in names if name not in there]
    if unknown:
        known = ", ".join(there) or "none"
        refuse_fields({"models": [f"{', '.join(unknown)}: not on host {host}; there are {known}"]})
    return [_stored(there[name], tags(ollama, there[name])) for name in names]


def _stored(model: InstalledModel, tags_of: list[str]) -> Json:
    return {
        "name": model.name,
        "version": model.version,
        "digest": model.digest,
        "size": model.size,
        "tags": tags_of,
    }


def _enqueue(session: Session) -> None:
    """In the database and on the queue, or in neither. Those who watch hear of it first, so that they hear in order."""
    queued = events.Event("progress", session.id, queries.state(session.id), Phase.QUEUED)
    try:
        events.publish(redis(), queued)
        queue.enqueue(redis(), session.id, session.host)
    except RedisError as error:
        records.delete_session(session.id)
        raise Unavailable("Redis does not answer; the session was not taken, try again later") from error
