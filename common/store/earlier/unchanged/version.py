"""A value that changes whenever the unchanged tests around some tests may do."""

from collections.abc import Collection, Hashable
from typing import Any, cast

from peewee import Select, fn

from common.store.database import database
from common.store.search_tables import Deletions, ResultTotal
from common.store.tables import Phase, Session, Status


def version(models: Collection[str], test_types: Collection[str]) -> Hashable:
    """Return the version of all completed tests of these models and types, and of what they were measured with.

    Without a deletion, their number only grows, and a new session may make imported ones foreign. What a session was
    measured with changes only while it runs, which ends later than all before. Read it before the tests themselves.
    """
    of_these = ResultTotal.model.in_(sorted(models)), ResultTotal.test_type.in_(sorted(test_types))
    columns = [
        ResultTotal.select(fn.SUM(ResultTotal.number)).where(*of_these),
        Deletions.select(fn.MAX(Deletions.count)),
        Session.select(fn.MAX(Session.id)),
        Session.select(fn.MAX(Session.finished_at)).where(Session.has_raw_data),
    ]
    found = Select(columns=columns).bind(database.obj).scalar(as_tuple=True)
    return cast("tuple[Any, ...]", found), _measuring()


def _measuring() -> Hashable:
    """Return what the sessions that run now are measured with."""
    facts = Session.id, Session.models.cast("TEXT"), Session.ollama_version, Session.hardware
    running = Session.select(*facts).where(Session.status == Status.RUNNING, Session.phase != Phase.QUEUED)
    return tuple(cast("Any", running.order_by(Session.id).tuples()))
