"""Sessions of other machines that were imported, and would be taken for a host's own because the names are equal."""

from datetime import datetime
from functools import cache
from typing import Any

from peewee import OP, SQL, Expression, Field, ModelSelect, SqliteDatabase, fn

from common.store.database import database
from common.store.tables import Hardware, Session

BEFORE_ALL = datetime(1970, 1, 1)  # noqa: DTZ001 - naive, as in the database
"""Imports were later. SQLite finds them by its index for a comparison, and not for IS NOT NULL."""


def foreign() -> "ModelSelect[Any]":
    """Return a query for the ids of imported sessions that do not belong to the history of a host of the same name.

    One on the same machine does, by its fingerprint. Hosts that measured nothing here have a history of imports alone.
    """
    own, machine, other = Session.alias(), Hardware.alias(), Hardware.alias()
    on_host = own.select(own.id).where(own.host == Session.host, own.imported_at.is_null())
    fingerprint = other.select(other.fingerprint).where(other.digest == Session.hardware)
    same = on_host.join(machine).where(machine.fingerprint == fingerprint)
    return Session.select(Session.id).where(Session.imported_at > BEFORE_ALL, fn.EXISTS(on_host), ~fn.EXISTS(same))


def is_own(session: Field) -> Expression:
    """Return the condition that a column's session is not one of them."""
    text, values = foreign_sql()
    return Expression(session, OP.NOT_IN, SQL(f"({text})", values))


def foreign_sql() -> tuple[str, tuple[Any, ...]]:
    """Return the text of the query, and its parameters."""
    return _sql(is_sqlite=isinstance(database.obj, SqliteDatabase))


@cache
def _sql(*, is_sqlite: bool) -> tuple[str, tuple[Any, ...]]:  # noqa: ARG001 - each has its own text
    """Write the query once, because that takes longer than running it, and a page may do so fifty times."""
    text, values = foreign().sql()
    return text, tuple(values)
