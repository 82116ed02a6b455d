"""Writes of what follows from results: the medians of a test, which comparisons read, and the grade of its session."""

from common.catalogue.grades import worst
from common.records.medians import columns_of
from common.records.test_metrics import TestMetrics
from common.store.reads import sessions
from common.store.search_tables import Medians
from common.store.tables import Session, Test
from common.values.free_json import Json


def store_medians(test: Test, metrics: Json) -> None:
    """Store the medians of a completed test, of its metrics as `TestMetrics` reads them."""
    columns = {"options": test.options, **columns_of(TestMetrics.parse(metrics))}
    stored = Medians.insert(test=test.id, **columns)
    stored.on_conflict(conflict_target=[Medians.test], preserve=list(columns)).execute()


def store_grade(session_id: str) -> None:
    """Store the grade of a session whose results are stored: the worst of theirs."""
    Session.update(grade=worst(sessions.grades(session_id))).where(Session.id == session_id).execute()
