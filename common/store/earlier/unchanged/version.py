"""A value that changes whenever the unchanged tests around some tests may do."""

from collections.abc import Collection, Hashable
from typing import Any, cast

from peewee import fn

from common.store.earlier.results_version import results_version
from common.store.tables import Phase, Session, Status


def version(models: Collection[str], test_types: Collection[str]) -> Hashable:
    """Return the version of all completed tests of these models and types, and of what they were measured with.

    What a session was measured with changes only while it runs, which ends later than all before. Read it before the
    tests themselves.
    """
    last_end = Session.select(fn.MAX(Session.finished_at)).where(Session.has_raw_data).scalar()
    return results_version(test_types, models), last_end, _measuring()


def _measuring() -> Hashable:
    """Return what the sessions that run now are measured with."""
    facts = Session.id, Session.models.cast("TEXT"), Session.ollama_version, Session.hardware
    running = Session.select(*facts).where(Session.status == Status.RUNNING, Session.phase != Phase.QUEUED)
    return tuple(cast("Any", running.order_by(Session.id).tuples()))
