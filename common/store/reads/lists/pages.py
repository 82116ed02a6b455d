"""A page of a long list, found from the closest place whose position in the list is known."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from peewee import BooleanField, ColumnBase, Expression, Field, ModelSelect, SqliteDatabase

from common.store.database import database

FEW = 2000
"""Up to this number of rows are found by their own index and sorted. More are met soon enough in the list's order."""
FAR = 10_000
"""Rows that are passed quickly. A place that was further away is kept, so that the pages around it are found soon."""
MAX_PLACES = 100

AT_ONCE = 500
"""Rows of a whole list that are found by one query."""

Places = dict[int, Sequence[Any]]
"""Rows of a list by their numbers from the oldest, which is 1. Each has the columns by which the list is ordered."""


@dataclass(frozen=True)
class Page:
    """A page of `limit` rows. `number` counts from 1."""

    number: int
    limit: int


@dataclass(frozen=True)
class Walk:
    """A way to a page: over `distance` rows from a place, or from an end of the list, to older or to newer rows."""

    distance: int
    to_older: bool
    place: Sequence[Any] | None = None

    def query(self, query: "ModelSelect[Any]", order: Sequence[Field]) -> "ModelSelect[Any]":
        """Return the query in the order of the walk, without what comes before its start."""
        sorted_by = (column.desc() if self.to_older else column.asc() for column in order)
        beyond = [_beyond(order, self.place, to_older=self.to_older)] if self.place else []
        return (query.where(*beyond) if beyond else query).order_by(*sorted_by).offset(self.distance)


def keys(
    query: "ModelSelect[Any]",
    order: Sequence[Field],
    page: Page,
    total: int | None = None,
    places: Places | None = None,
) -> list[Any]:
    """Return the first column of the rows on a page of a list, which is in descending order.

    `total` is the number of its rows, None if it is unknown. `places` are known ones, to which the page may be added.
    """
    start = (page.number - 1) * page.limit
    limit = page.limit if total is None else min(page.limit, total - start)
    if limit <= 0:
        return []
    known = {} if places is None else places
    walk = Walk(start, to_older=True) if total is None else min(_walks(total, start, limit, known), key=_distance)
    found = list(walk.query(query.select_extend(*order), order).limit(limit).tuples())
    rows = cast("list[tuple[Any, ...]]", found if walk.to_older else found[::-1])
    if total is not None and walk.distance > FAR and rows and len(known) < MAX_PLACES:
        known[total - start] = rows[0][1:]
    return [key for key, *_ in rows]


def all_keys(query: "ModelSelect[Any]", order: Sequence[Field]) -> Iterator[Any]:
    """Yield the first column of all rows of a list, in descending order, in several queries."""
    place: Sequence[Any] | None = None
    while True:
        found = Walk(0, to_older=True, place=place).query(query.select_extend(*order), order).limit(AT_ONCE).tuples()
        rows = [row for row in cast("Iterable[tuple[Any, ...]]", found) if row[1:] != place]
        if not rows:
            return
        yield from (key for key, *_ in rows)
        place = rows[-1][1:]


def _walks(total: int, start: int, limit: int, places: Places) -> Iterator[Walk]:
    newest, oldest = total - start, total - start - limit + 1
    yield Walk(start, to_older=True)
    yield Walk(oldest - 1, to_older=False)
    for number, place in places.items():
        if number >= newest:
            yield Walk(number - newest, to_older=True, place=place)
        elif number <= oldest:
            yield Walk(oldest - number, to_older=False, place=place)


def _distance(walk: Walk) -> int:
    return walk.distance


def _beyond(order: Sequence[Field], place: Sequence[Any], *, to_older: bool) -> Expression:
    """Return a condition for the place and the rows beyond it. Its first part is one that indexes understand."""
    (first, value), *more = zip(order, place, strict=True)
    reached: Expression = first <= value if to_older else first >= value
    if not more:
        return reached
    ((second, other),) = more
    passed, same = (first < value, second <= other) if to_older else (first > value, second >= other)
    further: Expression = reached & (passed | same)
    return further


def unindexed(column: ColumnBase) -> ColumnBase:
    """Return an expression with the value of a text or a flag, for which SQLite does not choose an index of the column.

    SQLite knows only how many rows a value has on average. PostgreSQL knows which values are common.
    """
    if not isinstance(database.obj, SqliteDatabase):
        return column
    found: ColumnBase = column + 0 if isinstance(column, BooleanField) else column.concat("")
    return found
