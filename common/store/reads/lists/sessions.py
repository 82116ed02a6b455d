"""Lists of sessions, newest first."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from peewee import OP, Expression, Field, ModelSelect, Node, fn

from common.store.connections.snapshot import prefetch
from common.store.reads.lists import series, stored_totals, totals
from common.store.reads.lists.pages import FEW, Page, keys, unindexed
from common.store.reads.lists.search import search
from common.store.reads.lists.series import ListedSession
from common.store.reads.lists.stored_totals import Numbers
from common.store.reads.states import State, in_states
from common.store.search_tables import SessionTag, SessionTotal
from common.store.tables import STAGED, Hardware, Session, Test

OUTLINE = (
    *(Test.id, Test.session, Test.position, Test.model, Test.test_type, Test.options),
    *(Test.status, Test.phase, Test.message, Test.started_at, Test.finished_at),
)
"""What lists read of a test: not its baseline and verdicts, and not what is there to find it by."""


@dataclass(frozen=True)
class SessionFilter:
    """A filter for sessions. None or empty matches all. A session must have all of the `tags`, and one of `states`."""

    search: str | None = None
    tags: Iterable[str] = ()
    host: str | None = None
    group: str | None = None
    schedule: str | None = None
    series: str | None = None
    states: Iterable[State] = ()
    pinned: bool | None = None


def sessions(wanted: SessionFilter, page: int, limit: int) -> tuple[list[Session], int]:
    """Return a page of sessions with their hardware, newest first, and the number of all that match."""
    found, total = _page(wanted, Page(page, limit))
    return prefetch(found, Hardware.select()), total


def listed(wanted: SessionFilter, page: int, limit: int) -> tuple[list[ListedSession], int]:
    """Return what `sessions` returns, as lists show it."""
    found, total = _page(wanted, Page(page, limit))
    return series.listed(found), total


def outlines() -> "ModelSelect[Test]":
    """Return a query for tests in their order, without their baselines and verdicts."""
    return Test.select(*OUTLINE).order_by(Test.position)


def newest(wanted: SessionFilter, limit: int) -> list[Session]:
    """Return the newest sessions that match, without their tests."""
    return list(_page(wanted, Page(1, limit))[0])


def count(wanted: SessionFilter) -> int:
    """Return the number of sessions that match. Those that have ended are counted once in a process."""
    return _counted(wanted)[1]


def _counted(wanted: SessionFilter) -> tuple["_Matching", int]:
    tags, states = _rarest_first(wanted.tags), tuple(sorted(set(wanted.states)))
    own = (wanted.host, wanted.group, wanted.schedule, wanted.series)
    found = _Matching(wanted.search, tags, *own, states, wanted.pinned)
    if (numbers := found.stored()) is not None:
        return found, totals.stored(found, numbers, by_edits=found.looks_at_edits)
    return found, totals.total(found, found.newer, found.everything(), by_edits=found.looks_at_edits)


def _page(wanted: SessionFilter, page: Page) -> tuple["ModelSelect[Session]", int]:
    found, total = _counted(wanted)
    query, order = found.in_order(total)
    places = None if found.states else totals.places(found)  # a session may come to match between two others
    ids = keys(query, order, page, total, places)
    return Session.select().where(Session.id.in_(ids)).order_by(Session.created_at.desc(), Session.id.desc()), total


def _rarest_first(tags: Iterable[str]) -> tuple[str, ...]:
    different = sorted({tag.lower() for tag in tags})
    return tuple(sorted(different, key=_number)) if len(different) > 1 else tuple(different)


def _number(tag: str) -> int:
    return sum(int(query.scalar()) for query in stored_totals.of_tag(tag))


@dataclass(frozen=True)
class _Matching:
    """Queries for the sessions that match a filter, each the fastest for its purpose. The rarest tag is the first."""

    search: str | None
    tags: tuple[str, ...]
    host: str | None
    group: str | None
    schedule: str | None
    series: str | None
    states: tuple[State, ...]
    pinned: bool | None

    @property
    def looks_at_edits(self) -> bool:
        """Whether an edit of a session may change if it matches."""
        return bool(self.search or self.tags or self.series or self.pinned is not None)

    def stored(self) -> Numbers | None:
        """Return the numbers that the database keeps for such a filter, None if it keeps none."""
        if self.search or self.group or self.schedule or self.series:
            return None
        if not self.tags:
            return stored_totals.of_sessions(self._by_totals(), self._own(by_index=False))
        return stored_totals.of_tag(self.tags[0]) if len(self.tags) == 1 and not self._own() else None

    def _by_totals(self) -> list[Expression]:
        return [
            *([SessionTotal.host == self.host] if self.host else []),
            *in_states(self.states, of=SessionTotal),
            *([SessionTotal.pinned == self.pinned] if self.pinned is not None else []),
        ]

    def everything(self) -> "ModelSelect[Any]":
        """Return a query for the ids of all, to count them."""
        if self.search:
            return self._by_text(self.search)[0]
        if self.tags:
            return self._by_tag()
        return Session.select(Session.id).where(*self._own(), _without_staged())

    def newer(self, first: str) -> "ModelSelect[Any]":
        """Return a query for those from an id on, of which there are few. So these are found first."""
        new = Session.select(Session.id).where(Session.id >= first)
        text = [self._has_text(self.search)] if self.search else []
        conditions = [*self._own(by_index=False), *self._tagged(Session.id, self.tags), *text]
        return Session.select(Session.id).where(Session.id.in_(new), *conditions, _without_staged())

    def in_order(self, total: int) -> tuple["ModelSelect[Any]", tuple[Field, ...]]:
        """Return a query for the ids of all, and the columns by which they are in order of submission."""
        if self.search:
            return self._by_text(self.search)
        are_few = self.tags and total <= FEW
        tagged = [Session.id.in_(self._by_tag())] if are_few else self._tagged(Session.id, self.tags)
        own = self._own(by_index=self._is_in_order or total <= FEW)
        wanted = Session.select(Session.id).where(*own, *tagged, _without_staged())
        return wanted, (Session.created_at, Session.id)

    @property
    def _is_in_order(self) -> bool:
        """Whether the index has the sessions in order. That of states has one state after the other."""
        return len(self.states) <= 1 or bool(self.group or self.schedule or self.series or self.pinned or self.host)

    def _by_text(self, text: str) -> tuple["ModelSelect[Any]", tuple[Field, ...]]:
        found = search(text)
        query = found.table.select(found.session).where(found.found, *self._of(found.session, self.tags))
        return query, (found.order,)

    def _by_tag(self) -> "ModelSelect[Any]":
        rarest, *others = self.tags
        conditions = self._of(SessionTag.session, others)
        return SessionTag.select(SessionTag.session).where(SessionTag.tag == rarest, *conditions)

    def _of(self, session: Field, tags: Iterable[str]) -> list[Node]:
        """Return conditions for the session that a row of another table names."""
        own = self._own()
        named = [fn.EXISTS(Session.select(Session.id).where(Session.id == session, *own))] if own else []
        return [*named, *self._tagged(session, tags)]

    def _own(self, *, by_index: bool = True) -> list[Expression]:
        """Return conditions for the session's own columns. The first that is given has the index, as the rarest."""
        given: list[Callable[..., list[Expression]]] = [
            *([partial(_equal, Session.group, self.group)] if self.group else []),
            *([partial(_equal, Session.schedule, self.schedule)] if self.schedule else []),
            *([partial(_equal, Session.series, self.series)] if self.series else []),
            *([partial(_equal, Session.pinned, self.pinned)] if self.pinned else []),
            *([partial(_equal, Session.host, self.host)] if self.host else []),
            *([self._in_states] if self.states else []),
            *([partial(_equal, Session.pinned, self.pinned)] if self.pinned is False else []),
        ]
        found = (condition(by_index=by_index and place == 0) for place, condition in enumerate(given))
        return [each for conditions in found for each in conditions]

    def _in_states(self, *, by_index: bool) -> list[Expression]:
        return in_states(self.states, by_index=by_index)

    def _tagged(self, session: Field, tags: Iterable[str]) -> list[Node]:
        """Return conditions for the tags. Each has its own alias, because a query may be on tags itself."""
        found = [(SessionTag.alias(), tag) for tag in tags]
        return [fn.EXISTS(own.select(own.session).where(own.tag == tag, own.session == session)) for own, tag in found]

    def _has_text(self, text: str) -> Node:
        found = search(text, by_index=False)
        return fn.EXISTS(found.table.select(found.session).where(found.session == Session.id, found.found))


def _equal(column: Field, value: object, *, by_index: bool) -> list[Expression]:
    return [Expression(column if by_index else unindexed(column), OP.EQ, value)]


def _without_staged() -> Expression:
    """Return the condition that a session is not just being imported. These have no text and no tags yet."""
    return Expression(Session.id, OP.NOT_IN, Session.select(Session.id).where(Session.status == STAGED))
