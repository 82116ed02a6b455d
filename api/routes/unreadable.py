"""Stored records that cannot be read. Each costs itself, and never the list around it."""

import logging
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from common.errors import Unavailable, UnreadableRecord
from common.store.fields import UNREADABLE
from common.store.tables import Test

Record = TypeVar("Record")
Shown = TypeVar("Shown")

logger = logging.getLogger(__name__)


def each(
    records: Iterable[Record], describe: Callable[[Record], Shown], mark: Callable[[Record], Shown]
) -> Iterator[Shown]:
    """Yield what each record is described as, or what `mark` returns if it cannot be read."""
    for record in records:
        try:
            yield describe(record)
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one record, the others can be shown
            _log(record, error)
            yield mark(record)


def readable(tests: Iterable[Test]) -> Iterator[Test]:
    """Yield the tests whose metrics can be read."""
    for test in tests:
        if isinstance(test.metrics, dict):
            yield test
        else:
            logger.error("the metrics of test %s cannot be read", test.id)


def one(record: Record, describe: Callable[[Record], Shown]) -> Shown:
    """Return what a record is described as.

    Raises:
        UnreadableRecord: if it cannot be read.
    """
    try:
        return describe(record)
    except Unavailable:
        raise
    except Exception as error:
        _log(record, error)
        raise UnreadableRecord(UNREADABLE) from error


def _log(record: object, error: Exception) -> None:
    logger.error("a stored record cannot be read: %s %s", type(record).__name__, record, exc_info=error)
