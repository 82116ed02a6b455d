"""Numbers of rows that match a filter.

Counting a million rows takes longer than a page may. The database keeps the totals for what one column says. Those for
other filters are counted once, and then only what has come since. Sessions that have ended do not change, except that
they can be deleted and edited. So the number of those that match stays true until that happens, and newer sessions are
counted again.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from peewee import SQL, ModelSelect, Select, fn

from common.store.database import database
from common.store.reads.lists.pages import Places
from common.store.reads.lists.stored_totals import Numbers
from common.store.search_tables import Deletions
from common.store.tables import Session, Status
from common.values.units import epoch_ms, now

MAX_KEPT = 1000
"""Numbers that are kept, each for another filter."""
COMMITTED = timedelta(minutes=1)
"""Sessions older than this are visible, even if another process stored them."""

Matching = Callable[[str], "ModelSelect[Any]"]
"""Returns a query for the rows that match a filter, of the sessions from this id on. Ids sort by time."""


@dataclass(frozen=True)
class Settled:
    """The number of rows of sessions before an id, all of which had ended, and known places in the list of rows."""

    first_open: str
    number: int
    changes: int
    places: Places


_kept: "OrderedDict[Hashable, Settled]" = OrderedDict()
"""By database and filter, the one that was used last at the end."""


def total(wanted: Hashable, matching: Matching, everything: "ModelSelect[Any]", *, by_edits: bool = False) -> int:
    """Return the number of rows that match a filter. `everything` is a query for all of them.

    `by_edits` says that the filter looks at what people can edit.
    """
    key, first_open, changes = (database.obj, wanted), _first_open(), _changes(by_edits=by_edits)
    kept = _kept.get(key)
    places: Places = {}
    if kept and kept.changes == changes and kept.first_open <= first_open:
        places = kept.places
        whole, new = _count(matching(kept.first_open), matching(first_open))
        whole += kept.number
    else:
        whole, new = _count(everything, matching(first_open))
    _keep(key, Settled(first_open, whole - new, changes, places))
    return whole


def stored(wanted: Hashable, numbers: Numbers, *, by_edits: bool = False) -> int:
    """Return the number of rows that match a filter, which is the sum of numbers that the database keeps."""
    key = database.obj, wanted
    changes, *found = Select(columns=[_changed(by_edits=by_edits), *numbers]).bind(database.obj).scalar(as_tuple=True)
    kept = _kept.get(key)
    _keep(key, Settled("", 0, changes, kept.places if kept and kept.changes == changes else {}))
    return sum(found)


def _keep(key: Hashable, settled: Settled) -> None:
    _kept[key] = settled
    _kept.move_to_end(key)
    while len(_kept) > MAX_KEPT:
        _kept.popitem(last=False)


def places(wanted: Hashable) -> Places:
    """Return the known places in the list of rows that match a filter, whose total was asked for just now."""
    kept = _kept.get((database.obj, wanted))
    return kept.places if kept else {}


def _count(*queries: "ModelSelect[Any]") -> tuple[int, ...]:
    """Count the rows of queries in one statement, which sees one state of the database."""
    numbers = [query.select(fn.COUNT(SQL("*"))) for query in queries]
    return tuple(Select(columns=numbers).bind(database.obj).scalar(as_tuple=True))


def _first_open() -> str:
    """Return an id before which all sessions have ended."""
    running = Session.select(Session.id).where(Session.status == Status.RUNNING)
    oldest: str | None = running.order_by(Session.created_at).limit(1).scalar()
    committed = str(UUID(int=epoch_ms(now() - COMMITTED) << 80))
    return min(oldest, committed) if oldest else committed


def _changes(*, by_edits: bool) -> int:
    """Return a number that grows with each change after which a number that was counted is wrong."""
    found: int = Select(columns=[_changed(by_edits=by_edits)]).bind(database.obj).scalar()
    return found


def _changed(*, by_edits: bool) -> "ModelSelect[Any]":
    counted = Deletions.count + Deletions.edits if by_edits else Deletions.count
    return Deletions.select(fn.COALESCE(fn.MAX(counted), 0))
