"""Lists of results, which are the completed tests, newest first."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import JOIN, OP, ColumnBase, Expression, ModelSelect

from common.machines.fingerprint import SHA256
from common.store.connections.snapshot import prefetch
from common.store.reads.lists import stored_totals, totals
from common.store.reads.lists.distinct import distinct
from common.store.reads.lists.pages import FEW, Page, all_keys, keys, unindexed
from common.store.reads.lists.sessions import OUTLINE
from common.store.search_tables import ResultTotal
from common.store.tables import Hardware, Result, Session, Status, Test

NEWEST = (Test.finished_at, Test.id)


@dataclass(frozen=True)
class ResultFilter:
    """A filter for results. None or empty matches all."""

    model: str | None = None
    test_type: str | None = None
    hardware: str | None = None
    start: datetime | None = None
    end: datetime | None = None


def results(wanted: ResultFilter, page: int, limit: int) -> tuple[list[Test], int]:
    """Return a page of completed tests with session and hardware, newest first, and the number of all.

    Finding the page and counting need only the tests' indexes. Only the tests of the page are joined.
    """
    place = _place(wanted.hardware.lower()) if wanted.hardware else None
    if place and not place.exists:
        return [], 0
    found = _Matching(wanted, place)
    total = _total(found)
    return list(_joined(keys(found.in_order(total), NEWEST, Page(page, limit), total, totals.places(found)))), total


def _total(found: "_Matching") -> int:
    wanted = found.wanted
    if not wanted.start and not wanted.end:
        return totals.stored(found, stored_totals.of_results(found.by_totals()))
    if not wanted.model and not wanted.test_type and not found.place:
        return totals.stored(found, stored_totals.of_span(wanted.start, wanted.end))
    return totals.total(found, found.newer, found.everything())


def all_ids(wanted: ResultFilter) -> Iterator[int]:
    """Yield the ids of the completed tests that match, newest first.

    Each query begins at the place where the last one ended, so that results which come meanwhile shift nothing.
    """
    place = _place(wanted.hardware.lower()) if wanted.hardware else None
    if place is None or place.exists:
        yield from all_keys(_Matching(wanted, place).everything(), NEWEST)


def whole(ids: list[int]) -> list[Test]:
    """Return completed tests with session, hardware and all metrics, newest first."""
    found: list[Test] = prefetch(_joined(ids), Result.select())
    return found


def _joined(ids: list[int]) -> "ModelSelect[Test]":
    joined = Test.select(*OUTLINE, Session, Hardware).join(Session).join(Hardware, JOIN.LEFT_OUTER)
    return joined.where(Test.id.in_(ids)).order_by(Test.finished_at.desc(), Test.id.desc())


@dataclass(frozen=True)
class _Place:
    """The hosts and the inventories that match a text."""

    hosts: tuple[str, ...]
    inventories: tuple[str, ...]

    @property
    def exists(self) -> bool:
        return bool(self.hosts or self.inventories)


def _place(text: str) -> _Place:
    """Return the hosts with the text in their names, and the inventories with that fingerprint or text."""
    hosts = [host for host in distinct(Test.host, Test.status == Status.COMPLETED) if text in host.lower()]
    fingerprint = text.removeprefix(SHA256)
    found = Hardware.select(Hardware.digest).where((Hardware.fingerprint == fingerprint) | Hardware.text.contains(text))
    return _Place(tuple(hosts), tuple(hardware.digest for hardware in found))


@dataclass(frozen=True)
class _Matching:
    """Queries for the completed tests that match a filter, each the fastest for its purpose."""

    wanted: ResultFilter
    place: _Place | None

    def everything(self) -> "ModelSelect[Any]":
        """Return a query for all, to count them by an index."""
        return Test.select(Test.id).where(*self._conditions())

    def newer(self, first: str) -> "ModelSelect[Any]":
        """Return a query for those of the sessions from an id on, of which there are few."""
        of_session = (Session.id >= first, Test.session == Session.id)
        return Session.select(Test.id).join(Test, JOIN.CROSS).where(*of_session, *self._conditions())

    def by_totals(self) -> list[Expression]:
        """Return the conditions for the stored totals."""
        wanted = self.wanted
        return [
            *([ResultTotal.model == wanted.model] if wanted.model else []),
            *([ResultTotal.test_type == wanted.test_type] if wanted.test_type else []),
            *([_at(self.place, ResultTotal.host, ResultTotal.inventory)] if self.place else []),
        ]

    def in_order(self, total: int) -> "ModelSelect[Any]":
        """Return a query for the ids of all. Many at one place are met soon in the order of all results."""
        return Test.select(Test.id).where(*self._conditions(by_place=total <= FEW))

    def _conditions(self, *, by_place: bool = True) -> list[Expression]:
        """Return all conditions. A model or a test type is a better index than a place, which SQLite cannot know."""
        wanted = self.wanted
        by_place = by_place and not (wanted.model or wanted.test_type)
        conditions = [
            Test.status == Status.COMPLETED,
            *([Test.model == wanted.model] if wanted.model else []),
            *([Test.test_type == wanted.test_type] if wanted.test_type else []),
            *([Test.finished_at >= wanted.start] if wanted.start else []),
            *([Test.finished_at <= wanted.end] if wanted.end else []),
        ]
        columns = (Test.host, Test.inventory) if by_place else (unindexed(Test.host), unindexed(Test.inventory))
        return [*conditions, _at(self.place, *columns)] if self.place else conditions


def _at(place: _Place, host: ColumnBase, inventory: ColumnBase) -> Expression:
    both = ((host, place.hosts), (inventory, place.inventories))
    first, *others = [Expression(column, OP.IN, values) for column, values in both if values]
    return first | others[0] if others else first
