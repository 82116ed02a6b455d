"""The values of a history alone, for small pictures: all the rest would take ten times as long to read."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import cast

from common.store.earlier.kept_values import Kept
from common.store.earlier.newest.keys import Measured, latest_keys
from common.store.earlier.newest.newest import MetricKey
from common.store.reads.lists.headlines import headline_metrics
from common.store.tables import Test
from common.values.free_json import Json

MAX_KEPT = 10_000
"""Values that are kept in memory, at half a kilobyte each. They do not change any more."""

Value = tuple[Json, float | None]
"""The options of a test, and the metric, None if it does not have it."""

_values: Kept[MetricKey, Value] = Kept(MAX_KEPT)


def newest_values(wanted: Sequence[tuple[Measured, str]], limit: int) -> list[list[tuple[Json, float]]]:
    """Return the options and the metric of the newest completed tests that have it, oldest first.

    `wanted` are what is measured, each with a metric.
    """
    found = latest_keys([measured for measured, _ in wanted], limit)
    keys = [
        [MetricKey(key.id, key.session, metric) for key in reversed(newest_first)]
        for newest_first, (_, metric) in zip(found, wanted, strict=True)
    ]
    values = _values.of(chain(*keys), _read)
    return [
        [(options, value) for options, value in map(values.__getitem__, some) if value is not None] for some in keys
    ]


def known_values(keys: Sequence[MetricKey]) -> list[float]:
    """Return the metrics of completed tests that have them, in their order."""
    values = _values.of(keys, _read)
    return [value for _, value in map(values.__getitem__, keys) if value is not None]


def _read(keys: Sequence[MetricKey]) -> Iterator[tuple[MetricKey, Value]]:
    ids = [key.id for key in keys]
    results = headline_metrics(ids)
    rows = Test.select(Test.id, Test.options).where(Test.id.in_(ids)).tuples()
    options = dict(cast("Iterable[tuple[int, Json]]", rows))
    for key in keys:
        found = results.get(key.id)
        yield key, (options.get(key.id) or {}, found.metrics.get(key.metric) if found else None)
