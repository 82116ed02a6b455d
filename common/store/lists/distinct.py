"""Distinct values of an indexed column."""

from peewee import CharField, Expression, fn


def distinct(column: CharField, *conditions: Expression) -> list[str]:
    """Return the distinct values of a text column, sorted. Each costs one step in the index."""
    found: list[str] = []
    following: tuple[Expression, ...] = ()
    while (value := column.model.select(fn.MIN(column)).where(*conditions, *following).scalar()) is not None:
        found.append(value)
        following = (column > value,)
    return found
