"""Schedules: when sessions are submitted without a client, and what became of the last time."""

from datetime import datetime, timedelta

from peewee import BooleanField, DateTimeField, Expression, Field, IntegrityError

from common.store.database import database
from common.store.fields import JsonColumn, ShortText, Text
from common.store.tables import Session, Status, Table
from common.values.free_json import Json

CLAIM = timedelta(seconds=30)
"""How long the scheduler that claimed a due time has it for itself. A submission takes less."""


class Schedule(Table):
    """A session that is submitted at the times of a cron expression, on the clock of a time zone.

    `session` is the body of a submission. `next_at` is the next time, or the one that is due; None while the schedule
    is disabled. `attempt_at` is when a due time that was claimed or postponed is tried again. `last_at` is the last
    time that was dealt with, `last_error` why it led to no session, or why the one that is due has not yet.
    `last_session` was submitted by the schedule last. `owner` is that of its sessions. `idempotency_key` is a digest of
    the owner and of the request's key, `request_digest` one of its body; both are None without a key.
    """

    id = ShortText(primary_key=True, max_length=36)
    name = ShortText(null=True)
    cron = ShortText()
    time_zone = ShortText()
    session: JsonColumn[Json] = JsonColumn()
    enabled = BooleanField()
    owner = ShortText(null=True, max_length=16)
    created_at = DateTimeField()
    next_at = DateTimeField(null=True, index=True)
    attempt_at = DateTimeField(null=True)
    last_at = DateTimeField(null=True)
    last_session = ShortText(null=True, max_length=36)
    last_error = Text(null=True)
    idempotency_key = ShortText(null=True, unique=True, max_length=64)
    request_digest = ShortText(null=True, max_length=64)


def schedule(schedule_id: str) -> Schedule | None:
    found: Schedule | None = Schedule.get_or_none(Schedule.id == schedule_id)
    return found


def create(values: Json) -> Schedule:
    """Store a schedule, and return it, or the one that another request with its idempotency key has stored."""
    try:
        with database.atomic():
            stored: Schedule = Schedule.create(**values)
            return stored
    except IntegrityError:
        earlier = submitted(values["idempotency_key"]) if values["idempotency_key"] else None
        if earlier is None:
            raise
        return earlier


def submitted(idempotency_key: str) -> Schedule | None:
    """Return the schedule that a request with this key stored, as `idempotency` stores keys."""
    found: Schedule | None = Schedule.get_or_none(Schedule.idempotency_key == idempotency_key)
    return found


def schedules(page: int, limit: int) -> tuple[list[Schedule], int]:
    """Return a page of schedules, newest first, and the number of all."""
    newest = Schedule.select().order_by(Schedule.id.desc())
    return list(newest.paginate(page, limit)), Schedule.select().count()


def count(owner: str | None) -> int:
    """Return the number of an owner's schedules."""
    found: int = Schedule.select().where(_is(Schedule.owner, owner)).count()
    return found


def by_state() -> dict[str, int]:
    """Return the number of schedules that are disabled, that failed last, and of the others."""
    disabled = Schedule.select().where(~Schedule.enabled).count()
    failing = Schedule.select().where(Schedule.enabled, Schedule.last_error.is_null(is_null=False)).count()
    return {"ok": Schedule.select().count() - disabled - failing, "failing": failing, "disabled": disabled}


def enabled() -> list[Schedule]:
    return list(Schedule.select().where(Schedule.enabled))


def due(now: datetime) -> list[Schedule]:
    """Return the schedules that are due and not claimed, those that were tried before last, the longest due first.

    A claim that lasts longer than CLAIM was made by a clock that was wrong.
    """
    free = Schedule.attempt_at.is_null() | (Schedule.attempt_at <= now) | (Schedule.attempt_at > now + CLAIM)
    order = (Schedule.attempt_at.is_null(is_null=False), Schedule.next_at, Schedule.id)
    return list(Schedule.select().where(Schedule.next_at <= now, free).order_by(*order))


def unfinished(schedule_id: str) -> Session | None:
    """Return a session of the schedule that waits or runs, None if there is none."""
    own = Session.select(Session.id, Session.phase).where(Session.schedule == schedule_id)
    found: Session | None = own.where(Session.status == Status.RUNNING).order_by(Session.created_at).first()
    return found


def change(schedule_id: str, values: Json) -> bool:
    """Change columns of a schedule. Return whether it exists."""
    return bool(Schedule.update(values).where(Schedule.id == schedule_id).execute())


def delete(schedule_id: str) -> bool:
    """Delete a schedule, and keep its sessions. Return whether it existed."""
    return bool(Schedule.delete().where(Schedule.id == schedule_id).execute())


def claim(found: Schedule, now: datetime) -> bool:
    """Claim the due time of a schedule as it was read. Return False if another process claimed or changed it."""
    as_read = _as_read(found) & _is(Schedule.attempt_at, found.attempt_at)
    return bool(Schedule.update(attempt_at=now + CLAIM).where(as_read).execute())


def postpone(found: Schedule, until: datetime, problem: str) -> None:
    """Let a due time be tried again at `until`."""
    Schedule.update(attempt_at=until, last_error=problem).where(_as_read(found)).execute()


def finish(found: Schedule, session: str | None, problem: str | None, next_at: datetime | None) -> None:
    """Store what became of a due time, and the next one, unless a client has changed that meanwhile."""
    done: Json = {"last_at": found.next_at, "last_error": problem} | ({"last_session": session} if session else {})
    with database.atomic():
        Schedule.update(done).where(Schedule.id == found.id).execute()
        Schedule.update(next_at=next_at, attempt_at=None).where(_as_read(found)).execute()


def correct(found: Schedule, next_at: datetime | None) -> None:
    """Change the next time of a schedule, unless that has changed since it was read."""
    Schedule.update(next_at=next_at, attempt_at=None).where(_as_read(found)).execute()


def _as_read(found: Schedule) -> Expression:
    return (Schedule.id == found.id) & _is(Schedule.next_at, found.next_at)


def _is(column: Field, value: object) -> Expression:
    found: Expression = column.is_null() if value is None else column == value
    return found
