"""Medians of completed tests that have none stored, because a worker of the release before completed them."""

from collections.abc import Iterable

from common.records.medians import MedianRecords, medians
from common.store.reads import sessions


def computed(tests: Iterable[int]) -> dict[int, MedianRecords]:
    """Return the medians by the ids of these tests, from all their metrics."""
    ids = list(tests)
    return {test: medians(metrics) for test, metrics in sessions.metrics(ids).items()} if ids else {}
