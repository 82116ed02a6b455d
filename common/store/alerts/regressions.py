"""Reads and writes of regressions, and of improvements, which are stored as they are."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import cast

import uuid_utils
from peewee import Expression, ModelSelect, PostgresqlDatabase

from common.records.regressions import RegressionRecord
from common.stats.comparing.comparison import Outcome
from common.store.alerts.tables import EndReason, Regression
from common.store.database import database
from common.store.reads.lists.pages import Page
from common.store.tables import Session
from common.values.units import now

MeasuredSession = tuple[str, datetime]
"""The id of a session in a history, and when it was measured."""


@dataclass(frozen=True)
class HistoryKey:
    """What the results of a history have in common. `options` are as text."""

    model: str
    test_type: str
    metric: str
    host: str
    options: str


@dataclass(frozen=True)
class RegressionFilter:
    """A filter for regressions. None matches all. `session` is one that showed the regression or its end.

    `since` is the earliest time at which one began.
    """

    outcome: Outcome | None = Outcome.WORSE
    is_open: bool | None = True
    acknowledged: bool | None = None
    model: str | None = None
    test_type: str | None = None
    metric: str | None = None
    host: str | None = None
    session: str | None = None
    since: datetime | None = None

    def conditions(self) -> list[Expression]:
        """Return the conditions of a query."""
        named = ("model", "test_type", "metric", "host")
        return [
            *([Regression.outcome == self.outcome] if self.outcome else []),
            *([Regression.over_at.is_null(self.is_open)] if self.is_open is not None else []),
            *([Regression.acknowledged_at.is_null(not self.acknowledged)] if self.acknowledged is not None else []),
            *(getattr(Regression, name) == value for name in named if (value := getattr(self, name))),
            *([(Regression.seen == self.session) | (Regression.over_session == self.session)] if self.session else []),
            *([Regression.first_at >= self.since] if self.since else []),
        ]


def listed(wanted: RegressionFilter, page: Page) -> tuple[list[Regression], int]:
    """Return a page of regressions, the most recently found first, and the number of all that match."""
    found = _matching(wanted)
    newest_first = found.order_by(Regression.opened_at.desc(), Regression.id.desc())
    return list(newest_first.paginate(page.number, page.limit)), found.count()


def _matching(wanted: RegressionFilter) -> "ModelSelect[Regression]":
    found = Regression.select()
    for condition in wanted.conditions():
        found = found.where(condition)
    return found


def over_since(start: datetime, reason: EndReason, limit: int) -> list[Regression]:
    """Return the regressions that ended for a reason since a time, the last first."""
    found = _matching(RegressionFilter(is_open=False))
    found = found.where(Regression.over_at >= start, Regression.over_reason == reason)
    return list(found.order_by(Regression.over_at.desc()).limit(limit))


def newest_finding(model: str | None, test_type: str | None) -> Regression | None:
    """Return the regression that began last, an open one if there is one."""
    for is_open in (True, None):
        found = _matching(RegressionFilter(is_open=is_open, model=model, test_type=test_type))
        newest: Regression | None = found.order_by(Regression.first_at.desc()).first()
        if newest:
            return newest
    return None


def open_counts() -> dict[bool, int]:
    """Return the number of open regressions that were acknowledged, and of the others."""
    return {known: _matching(RegressionFilter(acknowledged=known)).count() for known in (True, False)}


def regression(regression_id: str) -> Regression | None:
    return Regression.get_or_none(Regression.id == regression_id)


def of_history(key: HistoryKey) -> list[Regression]:
    """Return the lasting changes of a history, open and over, in the order in which they began."""
    own = (
        (Regression.model == key.model)
        & (Regression.test_type == key.test_type)
        & (Regression.host == key.host)
        & (Regression.metric == key.metric)
        & (Regression.options == key.options)
    )
    return list(Regression.select().where(own).order_by(Regression.first_at))


def histories_with_open() -> list[HistoryKey]:
    """Return the histories that have an open regression or improvement."""
    found = Regression.select(
        Regression.model, Regression.test_type, Regression.metric, Regression.host, Regression.options
    )
    open_ones = found.where(Regression.over_at.is_null()).distinct().tuples()
    return [HistoryKey(*row) for row in cast("Iterable[tuple[str, str, str, str, str]]", open_ones)]


def lock() -> None:
    """Let no other process change regressions until the transaction ends.

    SQLite has one writer, so there a write that changes nothing is enough. Without it, a transaction that reads first
    could not write any more once another process has written.
    """
    if isinstance(database.obj, PostgresqlDatabase):
        database.execute_sql("LOCK TABLE regression IN SHARE ROW EXCLUSIVE MODE")
    else:
        Regression.update(id=Regression.id).where(Regression.id == "").execute()


def add(
    key: HistoryKey,
    first: MeasuredSession,
    seen: MeasuredSession,
    record: RegressionRecord,
    outcome: Outcome = Outcome.WORSE,
) -> Regression:
    """Store a new regression, or an improvement."""
    return Regression.create(
        id=str(uuid_utils.uuid7()),
        model=key.model,
        test_type=key.test_type,
        metric=key.metric,
        host=key.host,
        options=key.options,
        outcome=outcome,
        record=record,
        opened_at=now(),
        **_columns(first, seen),
    )


def renew(found: Regression, first: MeasuredSession, seen: MeasuredSession, record: RegressionRecord) -> None:
    """Store what is known of a regression with later sessions."""
    Regression.update({**_columns(first, seen), "record": record}).where(Regression.id == found.id).execute()


def _columns(first: MeasuredSession, seen: MeasuredSession) -> dict[str, object]:
    return {"first": first[0], "first_at": first[1], "seen": seen[0], "seen_at": seen[1]}


def end(found: Regression, reason: EndReason, session: str | None, sentence: str) -> bool:
    """Store that a regression is over. Return False if it was over already."""
    ended = {"over_at": now(), "over_reason": reason, "over_session": session, "over_sentence": sentence}
    return bool(Regression.update(ended).where(Regression.id == found.id, Regression.over_at.is_null()).execute())


def acknowledge(regression_id: str, *, acknowledged: bool | None, note: str | None, with_note: bool) -> None:
    """Note that somebody knows of a regression, or no longer, and what they say about it."""
    changed = {
        **({} if acknowledged is None else {"acknowledged_at": now() if acknowledged else None}),
        **({"note": note} if with_note else {}),
    }
    if changed:
        Regression.update(changed).where(Regression.id == regression_id).execute()


def exist(sessions: Iterable[str]) -> bool:
    """Return whether none of the sessions was deleted."""
    ids = set(sessions)
    return Session.select().where(Session.id.in_(ids)).count() == len(ids)
