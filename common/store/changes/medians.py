"""Writes of what comparisons read of a test, beside the result that it comes from."""

from common.records.medians import medians
from common.records.test_metrics import TestMetrics
from common.store.tables import Medians, Test
from common.values.free_json import Json


def store(test: Test, metrics: Json) -> None:
    """Store the medians of a completed test, of its metrics as `TestMetrics` reads them."""
    parsed = TestMetrics.parse(metrics)
    found = medians(parsed)
    headline = {name: records for name, records in found.items() if name == parsed.headline_name}
    columns = {"options": test.options, "headline": headline, "software": parsed.software, "medians": found}
    stored = Medians.insert(test=test.id, **columns)
    stored.on_conflict(conflict_target=[Medians.test], preserve=list(columns)).execute()
