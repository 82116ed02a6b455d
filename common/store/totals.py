"""How many sessions there are, for operators: each question is answered from one index."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from peewee import fn

from common.store.tables import Session, Status


@dataclass(frozen=True)
class Unfinished:
    """The sessions of one host in one phase that have not ended; `oldest` is when the first of them was submitted."""

    host: str
    phase: str
    count: int
    oldest: datetime


def unfinished() -> list[Unfinished]:
    """Those that there are."""
    figures = (fn.COUNT(Session.id), fn.MIN(Session.created_at))
    query = Session.select(Session.host, Session.phase, *figures).where(Session.status == Status.RUNNING)
    rows = cast("Iterable[tuple[str, str, int, datetime]]", query.group_by(Session.host, Session.phase).tuples())
    return [Unfinished(*row) for row in rows]


def before(session: Session) -> int:
    """How many sessions of its host that have not ended were submitted before it: ids sort by time."""
    others = Session.select().where(Session.status == Status.RUNNING, Session.host == session.host)
    return others.where(Session.id < session.id).count()


def ended() -> dict[str, int]:
    """The sessions that have ended, by status."""
    ends = (Status.COMPLETED, Status.ERROR)
    return {status: Session.select().where(Session.status == status).count() for status in ends}
