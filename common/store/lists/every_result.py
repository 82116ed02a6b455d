"""All results that match a filter, however many there are."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from peewee import chunked

from common.store.lists.results import ResultFilter, some_results, whole
from common.store.tables import Test

AT_ONCE = 20
"""A result has some twelve kilobytes of metrics."""


def with_metrics(tests: Iterable[Test]) -> Iterator[Test]:
    """Yield completed tests with session, hardware and all metrics, keeping few in memory at once."""
    for some in chunked(tests, AT_ONCE):
        yield from whole([test.id for test in some])


def every_result(wanted: ResultFilter) -> Iterator[Test]:
    """Yield the completed tests that match, with session and hardware, newest first, keeping few in memory at once.

    Each query begins at the time where the last one ended, so that results which come meanwhile shift nothing.
    """
    end, page, seen = wanted.end, 1, set[int]()
    while found := some_results(replace(wanted, end=end), page, AT_ONCE):
        yield from (test for test in found if test.id not in seen)
        last = found[-1].finished_at
        page, seen = (page + 1, seen) if last == end else (1, set())
        seen |= {test.id for test in found if test.finished_at == last}
        end = last
