"""Series of sessions as lists show them: one row each, with their newest sessions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from peewee import ModelSelect

from common.store.reads.lists.pages import Page
from common.store.search_tables import Series
from common.store.tables import Session, Status

MAX_SESSIONS = 42
"""Newest sessions of a series that are looked at: two weeks of nights on three machines."""


@dataclass(frozen=True)
class ListedSession:
    """The columns of a session that a list shows. `series` is None in a database that an earlier release writes to."""

    id: str
    series: str | None
    host: str
    status: str
    phase: str
    message: str | None
    grade: str | None
    pinned: bool
    created_at: datetime


COLUMNS = [getattr(Session, name) for name in ListedSession.__dataclass_fields__]


@dataclass(frozen=True)
class SessionGroup:
    """Sessions of one series, newest first, at most `MAX_SESSIONS`. `number` is how many there are in all."""

    key: str
    number: int
    sessions: list[ListedSession]


def page(wanted: Page) -> tuple[list[SessionGroup], bool]:
    """Return a page of series, those with the newest sessions first, and whether there are more."""
    newest_first = Series.select().order_by(Series.newest_at.desc(), Series.newest.desc())
    rows = list(newest_first.offset((wanted.number - 1) * wanted.limit).limit(wanted.limit + 1))
    shown = rows[: wanted.limit]
    alone = _alone([row.newest for row in shown if row.number == 1])
    found = [SessionGroup(row.key, row.number, alone.get(row.newest) or _newest(row.key)) for row in shown]
    new = _without_series() if wanted.number == 1 else []
    groups = sorted((group for group in (*new, *found) if group.sessions), key=_newest_at, reverse=True)
    return groups, len(rows) > wanted.limit


def _without_series() -> list[SessionGroup]:
    """Return the unfinished sessions that a process of an earlier release has stored."""
    query = Session.select().where(Session.series.is_null(), Session.status == Status.RUNNING)
    return [SessionGroup(each.id, 1, [each]) for each in listed(query.limit(MAX_SESSIONS))]


def _newest_at(group: SessionGroup) -> datetime:
    return group.sessions[0].created_at


def grouped(sessions: Iterable[ListedSession]) -> list[SessionGroup]:
    """Return sessions of a list as groups of one series each, in the order of their first ones."""
    found: dict[str, list[ListedSession]] = {}
    for session in sessions:
        found.setdefault(session.series or session.id, []).append(session)
    return [SessionGroup(key, len(some), some) for key, some in found.items()]


def listed(query: "ModelSelect[Session]") -> list[ListedSession]:
    """Return the sessions of a query as lists show them."""
    return [ListedSession(*row) for row in cast("Iterable[tuple[Any, ...]]", query.select(*COLUMNS).tuples())]


def _alone(ids: Sequence[str]) -> dict[str, list[ListedSession]]:
    """Return sessions that have no others in their series, all with one query."""
    return {session.id: [session] for session in listed(Session.select().where(Session.id.in_(ids)))}


def _newest(key: str) -> list[ListedSession]:
    newest_first = Session.select().where(Session.series == key).order_by(Session.created_at.desc(), Session.id.desc())
    return listed(newest_first.limit(MAX_SESSIONS))
