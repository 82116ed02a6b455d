"""Writes of the medians that comparisons read, beside the result that they come from."""

from common.records.medians import medians
from common.records.test_metrics import TestMetrics
from common.store.tables import Medians
from common.values.free_json import Json


def store(test_id: int, metrics: Json) -> None:
    """Store the medians of a completed test, of its metrics as `TestMetrics` reads them."""
    stored = Medians.insert(test=test_id, medians=medians(TestMetrics.parse(metrics)))
    stored.on_conflict(conflict_target=[Medians.test], preserve=[Medians.medians]).execute()
