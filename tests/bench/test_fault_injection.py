"""Parts of the bench with few sessions and clients."""

import pytest

from bench.fault_injection.api import served, watch_through
from bench.fault_injection.setup import fault_setup, measured_once
from common.store.reads import sessions as stored_sessions
from common.store.tables import Session, Status
from testbed.waiting import DEADLINE_S

CLIENTS = 3
SESSIONS = 7

pytestmark = pytest.mark.slow


def test_sessions_are_taken_by_workers_and_measured_once() -> None:
    with fault_setup(1, 1) as setup:
        session = setup.submit(0, "host0")
        setup.start_workers(1)
        setup.until_ended([session], DEADLINE_S)
        assert setup.results([session]) == {
            "sessions completed": "1 of 1",
            "every run stored once": "1 of 1",
            "requests of two sessions on a host at once": "0",
        }


def test_clients_that_reconnect_with_after_miss_nothing() -> None:
    with fault_setup(2, SESSIONS) as setup, served(setup) as api:
        sessions, watched = watch_through(setup, api, CLIENTS, SESSIONS, lambda _: None)
        assert len({session.id for session in sessions}) == Session.select().count() == SESSIONS
        outcomes = [(test.status, test.message) for session in sessions for test in stored_sessions.tests(session.id)]
        assert set(outcomes) == {(Status.COMPLETED, None)}
        assert all(measured_once(session) for session in sessions)
        log = api.server.log.read_text()
        assert "Hang up" in log
        assert "Traceback" not in log
        assert "was sent SIG" not in log
    assert (watched.missed, watched.twice) == (0, 0)
    assert watched.messages > SESSIONS * CLIENTS
    assert len(watched.away_s) >= 3 * CLIENTS
