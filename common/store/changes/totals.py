"""Totals that triggers keep, a row for each change: common/store/search_tables.py."""

from typing import Any, cast

from peewee import Field, fn

from common.store.database import database
from common.store.search_tables import DayTotal, ResultTotal, SessionTotal, TagTotal

TOTALS = (SessionTotal, TagTotal, ResultTotal, DayTotal)
AT_ONCE = 100
"""Sums in one transaction."""


def sum_up() -> None:
    """Replace the rows of each total by one with their sum. Readers see the same number before and after.

    Another process may do the same. Each sums up only the rows that it deleted itself.
    """
    for table in TOTALS:
        while _sum_some(table) == AT_ONCE:
            pass


def _sum_some(table: Any) -> int:  # noqa: ANN401 - a table of totals
    """Sum up some totals of a table that have several rows, and return how many."""
    own = columns(table)
    several = table.select(*own, fn.MAX(table.id)).group_by(*own).having(fn.COUNT(table.id) > 1).order_by(*own)
    found = cast("list[tuple[Any, ...]]", list(several.limit(AT_ONCE).tuples()))
    with database.atomic():
        for *values, last in found:
            _sum_one(table, dict(zip(own, values, strict=True)), last)
    return len(found)


def _sum_one(table: Any, values: dict[Field, Any], last: int) -> None:  # noqa: ANN401 - as above
    own = [column == value for column, value in values.items()]
    deleted = table.delete().where(*own, table.id <= last).returning(table.number).execute()
    if number := sum(row.number for row in deleted):
        table.insert({**values, table.number: number}).execute()


def columns(table: Any) -> list[Field]:  # noqa: ANN401 - as above
    """Return the columns by which a table of totals counts."""
    return [field for field in table._meta.sorted_fields if field.name not in {"id", "number"}]  # noqa: SLF001 - peewee's
