"""Reads by several statements while a test ends between them."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from common.store.changes import writes
from common.store.database import database
from common.store.reads import sessions
from common.store.tables import Phase, Status
from tests.support.stored.sessions import METRICS, claimed, queued


@pytest.mark.usefixtures("tables")
def test_a_test_that_ends_meanwhile_is_not_completed_without_metrics(monkeypatch: pytest.MonkeyPatch) -> None:
    session = queued("tiny:latest")
    claim, [test, _] = claimed(session)

    def complete() -> None:
        with database.connection_context():
            writes.complete_test(claim, test, METRICS)

    monkeypatch.setattr(database.obj, "execute_sql", after_results(database.obj.execute_sql, complete))
    found = sessions.session(session.id)
    assert found is not None
    monkeypatch.undo()
    assert (found.tests[0].phase, found.tests[0].metrics) == (Phase.QUEUED, None)
    later = sessions.session(session.id)
    assert later is not None
    assert (later.tests[0].status, later.tests[0].metrics) == (Status.COMPLETED, METRICS)


def after_results(execute: Callable[..., Any], do: Callable[[], None]) -> Callable[..., Any]:
    """Return `execute`, which lets another thread `do` something after the first statement that reads metrics."""
    waiting = [do]

    def execute_sql(sql: str, *others: Any, **options: Any) -> Any:
        found = execute(sql, *others, **options)
        if "metrics" in sql and waiting:
            thread = threading.Thread(target=waiting.pop())
            thread.start()
            thread.join()
        return found

    return execute_sql
