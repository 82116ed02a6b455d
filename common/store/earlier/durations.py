"""How long unfinished tests will take: as long as the newest one of the same model, type, host and options took."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from peewee import Column

from common.store.earlier.kept_values import Kept
from common.store.earlier.newest.keys import Key
from common.store.earlier.newest.newest import MAX_KEPT, NewestTest, of_tests
from common.store.reads.foreign_sessions import is_own
from common.store.tables import Order, Session, Status, Test
from common.values.free_json import Json


@dataclass(frozen=True)
class _Unfinished:
    """An unfinished test, and the id of the newest completed one of its model, type and host."""

    session: str
    options: Json
    started_at: datetime | None
    newest: int | None


@dataclass(frozen=True)
class _Completed:
    options: Json
    started_at: datetime | None
    finished_at: datetime
    order: str

    @property
    def duration(self) -> timedelta | None:
        """The time that it took. None if that is unknown: models that took turns share their time."""
        alone = self.order == Order.SEQUENTIAL
        return self.finished_at - self.started_at if alone and self.started_at else None


_kept: Kept[Key, timedelta | None] = Kept(MAX_KEPT)


def left(sessions: Sequence[str], at: datetime) -> Mapping[str, timedelta | None]:
    """Return how long the rest of each unfinished session takes from a time on.

    It is None if one of its tests was not measured before with these options, or if models took turns then.
    """
    tests = _unfinished(sessions)
    completed = _completed([test.newest for test in tests if test.newest is not None])
    found: dict[str, list[timedelta | None]] = defaultdict(list)
    for test in tests:
        found[test.session].append(_left(test, completed.get(test.newest or 0), at))
    return {session: _sum(found[session]) for session in sessions}


def durations_of(tests: Sequence[NewestTest]) -> dict[int, timedelta]:
    """Return how long completed tests took, by the ids of those of which it is known."""
    found = of_tests(tests, _kept, _read)
    return {test: duration for test, duration in found.items() if duration is not None}


def _read(tests: Sequence[int]) -> Iterator[tuple[int, timedelta | None]]:
    yield from ((test, each.duration) for test, each in _completed(tests).items())


def _sum(parts: Sequence[timedelta | None]) -> timedelta | None:
    known = [part for part in parts if part is not None]
    return sum(known, timedelta()) if len(known) == len(parts) else None


def _left(test: _Unfinished, before: _Completed | None, at: datetime) -> timedelta | None:
    if before is None or before.duration is None or before.options != test.options:
        return None
    passed = at - test.started_at if test.started_at else timedelta()
    return max(timedelta(), before.duration - passed)


def _unfinished(sessions: Sequence[str]) -> list[_Unfinished]:
    earlier = Test.alias()
    model = Column(earlier, "model")  # an alias has an attribute of this name
    same = (earlier.test_type == Test.test_type) & (model == Test.model) & (earlier.host == Test.host)
    own = (earlier.status == Status.COMPLETED) & same & is_own(earlier.session)
    newest = earlier.select(earlier.id).where(own).order_by(earlier.finished_at.desc()).limit(1)
    query = Test.select(Test.session, Test.options, Test.started_at, newest)
    rows = query.where(Test.session.in_(sessions), Test.status == Status.RUNNING).tuples()
    return [_Unfinished(*row) for row in cast("Iterable[tuple[Any, ...]]", rows)]


def _completed(ids: Sequence[int]) -> dict[int, _Completed]:
    columns = (Test.id, Test.options, Test.started_at, Test.finished_at, Session.order)
    rows = Test.select(*columns).join(Session).where(Test.id.in_(set(ids))).tuples()
    return {test: _Completed(*row) for test, *row in cast("Iterable[tuple[Any, ...]]", rows)}
