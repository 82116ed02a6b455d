"""`/schedules`: sessions that are submitted by themselves."""

from http import HTTPStatus
from uuid import UUID

import uuid_utils
from flask import url_for
from marshmallow import ValidationError
from redis.exceptions import RedisError
from werkzeug.exceptions import HTTPException

from api.http.access.auth import owner
from api.http.redis import redis
from api.http.responses.errors import or_404, refuse, refuse_fields
from api.openapi.links import location, to_session
from api.openapi.resource import Resource
from api.routes import unreadable
from api.routes.sessions.sessions import accepted
from api.schemas.schedules import NewSchedule, Schedule, ScheduleList, SchedulePatch, ScheduleQuery
from api.schemas.sessions.submission import Idempotency, NewSession, Submitted
from api.submission.schedules.firing import submit_session, unfinished_problem
from api.submission.submit import Submitter, check, digest_of, submitted
from common.errors import KeyReused
from common.messaging import schedulers
from common.store import schedules as stored
from common.store.fields import UNREADABLE
from common.store.reads.sessions import idempotency
from common.values.cron import next_time
from common.values.free_json import Json
from common.values.units import iso, now

MAX_SCHEDULES = 500
"""Maximum number of schedules of one key."""
DEFAULTS: Json = {"name": None, "time_zone": "UTC", "enabled": True}
NO_SCHEDULER = "No scheduler is running, so nothing is submitted. Start one with python -m scheduler."

resource = Resource("schedules", __name__, description="Sessions that are submitted by themselves.")


@resource.operation(
    "POST",
    "/schedules",
    name="createSchedule",
    answer=(201, Schedule),
    body=NewSchedule,
    headers=Idempotency,
    failures=(HTTPStatus.CONFLICT,),
    answer_headers=location("the schedule"),
)
def create(headers: Json, body: Json) -> tuple[Json, int, dict[str, str]]:
    """Store a schedule, which submits a session at the times of a cron expression.

    The session is checked as `POST /test-sessions` does. A time that passed while no scheduler was running leads to one
    session when one starts. No session is submitted while the schedule's last one waits or runs. A client that repeats
    its request with the same Idempotency-Key gets the same schedule.
    """
    key = headers["key"] and idempotency(owner(), headers["key"])
    schedule = (stored.submitted(key) if key else None) or _created(body, key)
    if key and schedule.request_digest != digest_of(body):
        raise KeyReused(headers["key"])
    return _shown(schedule), HTTPStatus.CREATED, {"Location": url_for("schedules.read", schedule_id=schedule.id)}


@resource.operation("GET", "/schedules", name="listSchedules", answer=(200, ScheduleList), query=ScheduleQuery)
def listing(query: Json) -> Json:
    """List schedules, newest first.

    Each has its next time and what became of its last one.
    """
    found, total = stored.schedules(query["page"], query["limit"])
    problem = _problem()
    shown = list(unreadable.each(found, lambda schedule: _schedule(schedule, problem), _mark))
    return {"schedules": shown, "total": total, "page": query["page"], "limit": query["limit"]}


@resource.operation(
    "GET",
    "/schedules/<uuid:schedule_id>",
    name="readSchedule",
    answer=(200, Schedule),
    failures=(HTTPStatus.NOT_FOUND,),
)
def read(schedule_id: UUID) -> Json:
    """Return a schedule, with its next time and what became of its last one.

    `GET /test-sessions?schedule=` lists its sessions.
    """
    return _shown(_found(schedule_id))


@resource.operation(
    "PATCH",
    "/schedules/<uuid:schedule_id>",
    name="patchSchedule",
    answer=(200, Schedule),
    body=SchedulePatch,
    failures=(HTTPStatus.NOT_FOUND,),
)
def patch(body: Json, schedule_id: UUID) -> Json:
    """Change a schedule.

    A field that is absent stays as it is, and null resets it. A changed `cron`, `timeZone` or `enabled` counts from now
    on.
    """
    schedule = _found(schedule_id)
    body = {name: DEFAULTS.get(name) if value is None else value for name, value in body.items()}
    if "session" in body:
        _check_session(body["session"])
        body = {**body, "session": NewSession().dump(body["session"])}
    when = {name: getattr(schedule, name) for name in ("cron", "time_zone", "enabled")}
    changed = {**when, **{name: value for name, value in body.items() if name in when}}
    values = {**body, **(_times(changed) if changed != when else {})}
    if "attempt_at" in values and schedule.attempt_at:
        values["last_error"] = None  # it is about the time that is due no more
    if values:
        or_404(stored.change(schedule.id, values) or None, schedule_id, "schedule")
    return _shown(_found(schedule_id))


@resource.operation(
    "DELETE",
    "/schedules/<uuid:schedule_id>",
    name="deleteSchedule",
    answer=(204, None),
    returns="The schedule is deleted.",
    failures=(HTTPStatus.NOT_FOUND,),
)
def delete(schedule_id: UUID) -> None:
    """Delete a schedule.

    Its sessions stay, also those that wait or run.
    """
    or_404(stored.delete(str(schedule_id)) or None, schedule_id, "schedule")


@resource.operation(
    "POST",
    "/schedules/<uuid:schedule_id>/run",
    name="runSchedule",
    answer=(202, Submitted),
    headers=Idempotency,
    failures=(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
    links=to_session("$response.body#/sessionId"),
)
def run(headers: Json, schedule_id: UUID) -> tuple[Json, int, dict[str, str]]:
    """Submit the session of a schedule now, also if it is disabled.

    Its times stay as they are. The answer is 409 while its last session waits or runs.
    """
    schedule = _found(schedule_id)
    submitter = Submitter(owner(), headers["key"], schedule.id)
    problem = None if submitted(submitter) else unfinished_problem(schedule)
    if problem:
        refuse(HTTPStatus.CONFLICT, problem)
    try:
        submission = submit_session(schedule, submitter)
    except ValidationError as error:
        refuse_fields({"session": error.messages})
    stored.change(schedule.id, {"last_session": submission.sessions[0].id})
    return accepted(submission)


def _created(body: Json, key: str | None) -> stored.Schedule:
    """Store a schedule, unless a request with the same key has just done so."""
    _check_session(body["session"])
    _check_count()
    values = {**DEFAULTS, **body, "session": NewSession().dump(body["session"])}
    request = {"idempotency_key": key, "request_digest": digest_of(body) if key else None}
    row = {"id": str(uuid_utils.uuid7()), "owner": owner(), "created_at": now(), **request}
    return stored.create({**row, **values, **_times(values)})


def _found(schedule_id: UUID) -> stored.Schedule:
    return or_404(stored.schedule(str(schedule_id)), schedule_id, "schedule")


def _check_session(body: Json) -> None:
    """Refuse a session that could not run, with the problems below `session`."""
    try:
        check(body)
    except HTTPException as error:
        data = getattr(error, "data", {})
        details = {"session": data["details"]} if data.get("details") else None
        if error.code == HTTPStatus.UNPROCESSABLE_ENTITY and details:
            refuse_fields(details)
        refuse(error.code or HTTPStatus.INTERNAL_SERVER_ERROR, data["message"], details)


def _check_count() -> None:
    if stored.count(owner()) >= MAX_SCHEDULES:
        refuse(HTTPStatus.TOO_MANY_REQUESTS, f"There are {MAX_SCHEDULES} schedules, which is the maximum. Delete some.")


def _times(values: Json) -> Json:
    """Return the columns that say when a schedule is due next, counted from now."""
    found = next_time(values["cron"], values["time_zone"], now()) if values["enabled"] else None
    return {"next_at": found, "attempt_at": None}


def _shown(schedule: stored.Schedule) -> Json:
    return unreadable.one(schedule, lambda each: _schedule(each, _problem()))


def _schedule(schedule: stored.Schedule, problem: str | None) -> Json:
    return {**_overview(schedule), "session": dict(schedule.session), "message": problem if schedule.enabled else None}


def _mark(schedule: stored.Schedule) -> Json:
    """Return what is known of a schedule whose session cannot be read."""
    return {**_overview(schedule), "session": None, "message": UNREADABLE}


def _overview(schedule: stored.Schedule) -> Json:
    return {
        "id": schedule.id,
        "name": schedule.name,
        "date": iso(schedule.created_at),
        "cron": schedule.cron,
        "time_zone": schedule.time_zone,
        "enabled": schedule.enabled,
        "next_time": iso(schedule.next_at),
        "last_time": iso(schedule.last_at),
        "last_session": schedule.last_session,
        "last_error": schedule.last_error,
    }


def _problem() -> str | None:
    """Return why no schedule submits anything now, None if a scheduler runs."""
    try:
        return None if schedulers.running(redis()) else NO_SCHEDULER
    except RedisError as error:
        return f"Whether a scheduler runs is unknown: {error}"
