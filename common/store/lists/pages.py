"""A page of a long list, found from the end of the list that is closer."""

from dataclasses import dataclass
from typing import Any, cast

from peewee import ColumnBase, Field, ModelSelect

FEW = 2000
"""Up to this number of rows are found by their own index and sorted. More are met soon enough in the list's order."""


@dataclass(frozen=True)
class Page:
    """A page of `limit` rows. `number` counts from 1."""

    number: int
    limit: int


def keys(query: "ModelSelect[Any]", newest: tuple[Field, ...], page: Page, total: int | None = None) -> list[Any]:
    """Return the first column of the rows on a page of a list, which is in descending order.

    `total` is the number of its rows, None if it is unknown.
    """
    start = (page.number - 1) * page.limit
    limit = page.limit if total is None else min(page.limit, total - start)
    if limit <= 0:
        return []
    if total is None or start <= total // 2:
        rows = query.order_by(*(column.desc() for column in newest)).limit(limit).offset(start)
        return _first(rows)
    rows = query.order_by(*(column.asc() for column in newest)).limit(limit).offset(total - start - limit)
    return _first(rows)[::-1]


def _first(rows: "ModelSelect[Any]") -> list[Any]:
    return [key for (key,) in cast("list[tuple[Any]]", list(rows.tuples()))]


def unindexed(column: ColumnBase) -> ColumnBase:
    """Return an expression with a text column's value, for which a database uses no index of the column."""
    found: ColumnBase = column.concat("")
    return found
