"""The version of unchanged tests changes with what sessions are measured with."""

from collections.abc import Callable

import pytest

from common.store.changes import circumstances, claims, writes
from common.store.earlier.unchanged.version import version
from common.store.tables import Session
from tests.support.stored.comparable import TINY
from tests.support.stored.sessions import queued


@pytest.mark.usefixtures("tables")
def test_the_version_is_that_of_what_sessions_run_with() -> None:
    running = queued(name="running")
    claim = claims.Claim(running.id, "worker")
    claims.take(claim)
    changes: list[Callable[[], object]] = [
        lambda: circumstances.describe_machine(claim, None, "0.9.3"),
        lambda: circumstances.adopt_version(claim, "0.9.4"),
        lambda: circumstances.adopt_model(claim, Session.get().models[0]["name"], "f" * 60, "", None),
        lambda: writes.finish_session(claim),
    ]
    seen = [version([TINY], ["decode"])]
    for change in changes:
        change()
        seen.append(version([TINY], ["decode"]))
    assert len(set(seen)) == len(seen)
