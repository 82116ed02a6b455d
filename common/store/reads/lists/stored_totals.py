"""Totals that the database keeps: queries for numbers whose sum is the number of rows that match a filter."""

from collections.abc import Iterable, Sequence
from typing import Any

from peewee import Expression, ModelSelect, fn

from common.store.search_tables import ResultTotal, SessionTotal, TagTotal
from common.store.tables import Session, Status

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


def _sum(table: Any, conditions: Iterable[Expression]) -> "ModelSelect[Any]":  # noqa: ANN401 - a table of totals
    found: ModelSelect[Any] = table.select(fn.COALESCE(fn.SUM(table.number), 0))
    for condition in conditions:
        found = found.where(condition)
    return found
