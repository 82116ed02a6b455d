"""Totals that the database keeps: queries for numbers whose sum is the number of rows that match a filter."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import Any

from peewee import Expression, ModelSelect, fn

from common.store.search_tables import DayTotal, ResultTotal, SessionTotal, TagTotal
from common.store.tables import Session, Status, Test

Numbers = Sequence["ModelSelect[Any]"]
"""Queries for one number each."""


def of_sessions(ended: Iterable[Expression], running: Iterable[Expression]) -> Numbers:
    """Return the numbers of sessions that have ended and of the others, of which there are few.

    `ended` are conditions for the columns of `SessionTotal`, `running` those for the columns of `Session`.
    """
    others = Session.select(fn.COUNT(Session.id)).where(Session.status == Status.RUNNING, *running)
    return [_sum(SessionTotal, ended), others]


def of_tag(tag: str) -> Numbers:
    """Return the number of sessions with a tag, which is in lower case."""
    return [_sum(TagTotal, [TagTotal.tag == tag])]


def of_results(conditions: Iterable[Expression]) -> Numbers:
    """Return the number of results, by conditions for the columns of `ResultTotal`."""
    return [_sum(ResultTotal, conditions)]


def of_span(start: datetime | None, end: datetime | None) -> Numbers:
    """Return the numbers of results of a span of time: those of whole days, and those of its first and its last day."""
    whole = [
        *([DayTotal.day > start.date().isoformat()] if start else []),
        *([DayTotal.day < end.date().isoformat()] if end else []),
    ]
    days = {each.date() for each in (start, end) if each}
    return [_sum(DayTotal, whole), *(_on(day, start, end) for day in days)]


def _on(day: date, start: datetime | None, end: datetime | None) -> "ModelSelect[Any]":
    """Return the number of a day's results in a span of time."""
    first = datetime.combine(day, time.min)
    last = datetime.combine(day, time.max)
    span = Test.finished_at.between(max(first, start or first), min(last, end or last))
    return Test.select(fn.COUNT(Test.id)).where(Test.status == Status.COMPLETED, span)


def _sum(table: Any, conditions: Iterable[Expression]) -> "ModelSelect[Any]":  # noqa: ANN401 - a table of totals
    found: ModelSelect[Any] = table.select(fn.COALESCE(fn.SUM(table.number), 0))
    for condition in conditions:
        found = found.where(condition)
    return found
