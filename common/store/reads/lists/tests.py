"""Tests of sessions as lists read them: some columns as they are, because a page has thousands of tests."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

from common.store.tables import Status, Test
from common.values.free_json import Json


@dataclass(frozen=True)
class ListedTest:
    """The state of a test."""

    id: int
    session: str
    model: str
    test_type: str
    status: str


class Cell(NamedTuple):
    """A model and a test type."""

    model: str
    test_type: str


@dataclass(frozen=True)
class SameTest:
    """A completed test and the options that it was measured with."""

    id: int
    session: str
    options: Json


def listed_tests(sessions: Sequence[str]) -> Mapping[str, list[ListedTest]]:
    """Return the tests of each session in their order."""
    columns = [getattr(Test, name) for name in ListedTest.__dataclass_fields__]
    rows = Test.select(*columns).where(Test.session.in_(sessions)).order_by(Test.session, Test.position).tuples()
    found: dict[str, list[ListedTest]] = defaultdict(list)
    for row in cast("Iterable[tuple[Any, ...]]", rows):
        test = ListedTest(*row)
        found[test.session].append(test)
    return found


def same_tests(wanted: Mapping[str, Cell]) -> list[SameTest]:
    """Return the completed test of one model and type of each session, which has one or none."""
    by_cell: dict[Cell, list[str]] = defaultdict(list)
    for session, cell in wanted.items():
        by_cell[cell].append(session)
    return [test for cell, sessions in by_cell.items() for test in _same(cell, sessions)]


def _same(cell: Cell, sessions: Sequence[str]) -> Iterator[SameTest]:
    is_wanted = Test.session.in_(sessions), Test.model == cell.model, Test.test_type == cell.test_type
    found = Test.select(Test.id, Test.session, Test.options).where(*is_wanted, Test.status == Status.COMPLETED)
    for row in cast("Iterable[tuple[Any, ...]]", found.tuples()):
        yield SameTest(*row)
