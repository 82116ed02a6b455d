"""Writes of what comparisons read of a test, beside the result that it comes from."""

from common.records.medians import columns_of
from common.records.test_metrics import TestMetrics
from common.store.search_tables import Medians
from common.store.tables import Test
from common.values.free_json import Json


def store(test: Test, metrics: Json) -> None:
    """Store the medians of a completed test, of its metrics as `TestMetrics` reads them."""
    columns = {"options": test.options, **columns_of(TestMetrics.parse(metrics))}
    stored = Medians.insert(test=test.id, **columns)
    stored.on_conflict(conflict_target=[Medians.test], preserve=list(columns)).execute()
