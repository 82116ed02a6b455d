"""The API killed and reloaded while clients watch: each comes back and has every message once, in order."""

import pytest

from bench.fault_injection.api import served, watch_through
from bench.fault_injection.site import measured_once, site
from common.store import sessions as stored_sessions
from common.store.tables import Session, Status

CLIENTS = 8
SESSIONS = 14


@pytest.mark.slow
def test_who_comes_back_with_after_misses_nothing() -> None:
    with site(2, SESSIONS) as place, served(place) as api:
        sessions, watched = watch_through(place, api, CLIENTS, SESSIONS, lambda _: None)
        assert len({session.id for session in sessions}) == Session.select().count() == SESSIONS
        told = [(test.status, test.message) for session in sessions for test in stored_sessions.tests(session.id)]
        assert set(told) == {(Status.COMPLETED, None)}
        assert all(measured_once(session) for session in sessions)
        log = api.server.log.read_text()
        assert "Hang up" in log
        assert "Traceback" not in log
        assert "was sent SIG" not in log
    assert (watched.missed, watched.twice) == (0, 0)
    assert watched.messages > SESSIONS * CLIENTS
    assert len(watched.away_s) >= 3 * CLIENTS
