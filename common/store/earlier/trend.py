"""The values of a history alone, for small pictures: all the rest would take ten times as long to read."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, cast

from common.store.earlier.kept_values import Kept
from common.store.earlier.newest import MetricKey
from common.store.reads.foreign_sessions import is_own
from common.store.reads.lists.headlines import headline_metrics
from common.store.tables import Status, Test
from common.values.free_json import Json

MAX_KEPT = 10_000
"""Values that are kept in memory, at half a kilobyte each. They do not change any more."""

Value = tuple[Json, float | None]
"""The options of a test, and the metric, None if it does not have it."""

_values: Kept[MetricKey, Value] = Kept(MAX_KEPT)


def newest_values(model: str, test_type: str, host: str, metric: str, limit: int) -> list[tuple[Json, float]]:
    """Return the options and the metric of the newest completed tests that have it, oldest first."""
    of_one = (Test.status == Status.COMPLETED, Test.test_type == test_type, Test.model == model, Test.host == host)
    query = Test.select(Test.id, Test.session).where(*of_one, is_own(Test.session))
    rows = list(cast("Iterable[tuple[Any, ...]]", query.order_by(Test.finished_at.desc()).limit(limit).tuples()))
    keys = [MetricKey(test, session, metric) for test, session in reversed(rows)]
    values = _values.of(keys, _read)
    return [(options, value) for options, value in map(values.__getitem__, keys) if value is not None]


def _read(keys: Sequence[MetricKey]) -> Iterator[tuple[MetricKey, Value]]:
    ids = [key.id for key in keys]
    results = headline_metrics(ids)
    rows = Test.select(Test.id, Test.options).where(Test.id.in_(ids)).tuples()
    options = dict(cast("Iterable[tuple[int, Json]]", rows))
    for key in keys:
        found = results.get(key.id)
        yield key, (options.get(key.id) or {}, found.metrics.get(key.metric) if found else None)
