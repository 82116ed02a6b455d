"""All results that match a filter, however many there are."""

from collections.abc import Iterable, Iterator

from peewee import chunked

from common.store.reads.lists.headlines import headline_metrics
from common.store.reads.lists.results import ResultFilter, all_ids, whole
from common.store.tables import Test
from common.values.free_json import Json

AT_ONCE = 20
"""A result has some twelve kilobytes of metrics."""


def with_metrics(tests: Iterable[Test]) -> Iterator[Test]:
    """Yield completed tests with session, hardware and all metrics, keeping few in memory at once."""
    return _whole(test.id for test in tests)


def every_result(wanted: ResultFilter) -> Iterator[Test]:
    """Yield the completed tests that match, with session and hardware, newest first, keeping few in memory at once."""
    return _whole(all_ids(wanted))


def every_headline(wanted: ResultFilter) -> Iterator[Json]:
    """Yield the headline metrics of the completed tests that match, in a fraction of the time."""
    for some in chunked(all_ids(wanted), AT_ONCE):
        yield from (found.metrics for found in headline_metrics(some).values())


def _whole(ids: Iterable[int]) -> Iterator[Test]:
    for some in chunked(ids, AT_ONCE):
        yield from whole(list(some))
