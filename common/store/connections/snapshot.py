"""Reads by several statements, all of which see the database as it was at the first."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import peewee
from peewee import ModelSelect, SqliteDatabase

from common.store.database import database

Row = TypeVar("Row", bound=peewee.Model)


def prefetch(rows: "ModelSelect[Row]", *related: "ModelSelect[Any]") -> list[Row]:
    """Return the rows with the rows that are related to them.

    Without a snapshot, a test that ends meanwhile would be completed and have no metrics.
    """
    with snapshot():
        found: list[Row] = peewee.prefetch(rows, *related)
    return found


@contextmanager
def snapshot() -> Iterator[None]:
    """Begin a transaction that takes no lock. Within another transaction, that one decides what is seen."""
    with database.atomic("DEFERRED" if isinstance(database.obj, SqliteDatabase) else "REPEATABLE READ"):
        yield
