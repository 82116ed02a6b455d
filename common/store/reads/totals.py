"""Numbers of sessions, for operators. Each is read from one index, and those of sessions that have ended are kept."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from peewee import fn

from common.store.reads.lists.sessions import SessionFilter, count
from common.store.reads.states import PHASES
from common.store.tables import ENDED, Session, Status


@dataclass(frozen=True)
class Unfinished:
    """The number of unfinished sessions of one host in one phase. `oldest` is when the first was submitted."""

    host: str
    phase: str
    count: int
    oldest: datetime


def unfinished() -> list[Unfinished]:
    """Return the numbers of unfinished sessions by host and phase."""
    columns = (fn.COUNT(Session.id), fn.MIN(Session.created_at))
    query = Session.select(Session.host, Session.phase, *columns).where(Session.status == Status.RUNNING)
    rows = cast("Iterable[tuple[str, str, int, datetime]]", query.group_by(Session.host, Session.phase).tuples())
    return [Unfinished(*row) for row in rows]


@dataclass(frozen=True)
class MachineUse:
    """A machine that unfinished sessions of one host in one phase wait for, or run on."""

    host: str
    machine: str
    phase: str


def machine_uses() -> list[MachineUse]:
    """Return the machines of unfinished sessions, by host and phase."""
    columns = (Session.machine, Session.host, Session.phase)
    rows = Session.select(*columns).where(Session.status == Status.RUNNING).distinct().order_by(*columns).tuples()
    return [MachineUse(host, machine, phase) for machine, host, phase in cast("Iterable[tuple[str, str, str]]", rows)]


def before(session: Session) -> int:
    """Return the number of unfinished sessions of its machine that were submitted earlier. Ids sort by time."""
    others = Session.select().where(Session.status == Status.RUNNING, Session.machine == session.machine)
    return others.where(Session.id < session.id).count()


def ended() -> dict[str, int]:
    """Return the number of sessions that have ended, by status."""
    return {status: count(SessionFilter(states=PHASES[status])) for status in ENDED}
