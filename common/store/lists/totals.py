"""Numbers of rows that match a filter. Each is counted once, and then only what has come since.

Counting a million rows takes longer than a page may. Sessions that have ended do not change, except that they can be
deleted. So the number of those that match stays true until something is deleted, and newer sessions are counted again.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from peewee import SQL, ModelSelect, Select, fn

from common.store.database import database
from common.store.lists.pages import Places
from common.store.tables import Deletions, Session, Status
from common.units import epoch_ms, now

MAX_KEPT = 1000
"""Numbers that are kept, each for another filter."""
COMMITTED = timedelta(minutes=1)
"""Sessions older than this are visible, even if another process stored them."""

Matching = Callable[[str], "ModelSelect[Any]"]
"""Returns a query for the rows that match a filter, of the sessions whose ids are larger. Ids sort by time."""


@dataclass(frozen=True)
class Settled:
    """The number of rows of sessions up to an id, all of which had ended, and known places in the list of rows."""

    last: str
    number: int
    deletions: int
    places: Places


_kept: "OrderedDict[Hashable, Settled]" = OrderedDict()
"""By database and filter, the one that was used last at the end."""


def total(wanted: Hashable, matching: Matching, everything: "ModelSelect[Any]") -> int:
    """Return the number of rows that match a filter. `everything` is a query for all of them."""
    key, last, deletions = (database.obj, wanted), _last_settled(), _deletions()
    kept = _kept.get(key)
    places: Places = {}
    if kept and kept.deletions == deletions and kept.last <= last:
        places = kept.places
        _kept.move_to_end(key)
        whole, new = _count(matching(kept.last), matching(last))
        whole += kept.number
    else:
        whole, new = _count(everything, matching(last))
    _kept[key] = Settled(last, whole - new, deletions, places)
    while len(_kept) > MAX_KEPT:
        _kept.popitem(last=False)
    return whole


def places(wanted: Hashable) -> Places:
    """Return the known places in the list of rows that match a filter, whose total was asked for just now."""
    kept = _kept.get((database.obj, wanted))
    return kept.places if kept else {}


def _count(*queries: "ModelSelect[Any]") -> tuple[int, ...]:
    """Count the rows of queries in one statement, which sees one state of the database."""
    numbers = [query.select(fn.COUNT(SQL("*"))) for query in queries]
    return tuple(Select(columns=numbers).bind(database.obj).scalar(as_tuple=True))


def _last_settled() -> str:
    """Return an id up to which all sessions have ended."""
    running = Session.select(Session.id).where(Session.status == Status.RUNNING)
    oldest: str | None = running.order_by(Session.created_at).limit(1).scalar()
    committed = str(UUID(int=epoch_ms(now() - COMMITTED) << 80))
    return min(oldest, committed) if oldest else committed


def _deletions() -> int:
    found: int | None = Deletions.select(Deletions.count).scalar()
    return found or 0
