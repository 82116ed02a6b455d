"""What lists give of tests: their headline metrics, in some hundred bytes each instead of ten thousands.

The rest is in other columns, so that a page of thousands of tests needs little time and memory.
"""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, cast

from peewee import chunked

from common.store.fields import UNREADABLE
from common.store.tables import Result, Status, Test
from common.values.free_json import Json

SESSIONS_AT_ONCE = 10
AT_ONCE = 250
"""Tests in one query. SQLite reads them in some ten milliseconds, during which the API does nothing else."""


@dataclass(frozen=True)
class CompletedTest:
    """A completed test with its headline metrics."""

    session: str
    model: str
    test_type: str
    finished_at: datetime
    metrics: Json
    grade: str | None


class HeadlineResult(NamedTuple):
    """The metrics by name of a completed test, `headline` and `finding`, and its grade, None if it is unknown."""

    metrics: Json
    grade: str | None


def completed_tests(sessions: Iterable[str]) -> Iterator[CompletedTest]:
    """Yield the completed tests of sessions, with those of each session in their order."""
    columns = (Test.id, Test.session, Test.model, Test.test_type, Test.finished_at)
    for some in chunked(sessions, SESSIONS_AT_ONCE):
        found = Test.select(*columns).where(Test.session.in_(list(some)), Test.status == Status.COMPLETED)
        rows = cast("list[tuple[Any, ...]]", list(found.order_by(Test.session, Test.position).tuples()))
        metrics = headline_metrics(row[0] for row in rows)
        for test, session, model, test_type, finished_at in rows:
            if test in metrics:
                yield CompletedTest(session, model, test_type, finished_at, *metrics[test])


def headline_metrics(tests: Iterable[int], *, statistics: bool = False) -> dict[int, HeadlineResult]:
    """Return the headline metrics of completed tests by their ids. With `statistics`, they have these too."""
    found: dict[int, HeadlineResult] = {}
    columns = (Result.metrics, Result.statistics) if statistics else (Result.metrics,)
    for some in chunked(tests, AT_ONCE):
        query = Result.select(Result.test, Result.grade, *columns).where(Result.test.in_(list(some)))
        found |= {
            test: HeadlineResult(_headline(*parts), grade)
            for test, grade, *parts in cast("Iterable[tuple[Any, ...]]", query.tuples())
        }
        time.sleep(0)  # lets other requests proceed
    return found


def _headline(metrics: object, statistics: object = None) -> Json:
    """Return the metrics with statistics, if there are any. What cannot be read has only a finding that says so."""
    if not isinstance(metrics, dict) or not isinstance(statistics, dict | None):
        return {"finding": UNREADABLE}
    return metrics if statistics is None else {**metrics, "statistics": statistics}
