"""What retention deletes and what it spares, and what pages and routes say of it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from common.store.changes import edits, retention
from common.store.database import database
from common.store.reads import sessions
from common.store.tables import LogLine, ReadingChunk, Run, Session
from common.values.units import now
from scheduler import retention as duty
from tests.integration.api.conftest import NewApp, body
from tests.support.stored.measured import decode, measured, prefill
from tests.support.stored.sessions import claimed, finished, queued

OLD, BEFORE = now() - timedelta(days=31), now() - timedelta(days=30)
ROWS = 7 + 4 + 1
"""Runs, log lines and chunks of readings of a session."""


@pytest.fixture(params=["sqlite_url", "postgresql_url"])
def client(request: pytest.FixtureRequest, new_app: NewApp, monkeypatch: pytest.MonkeyPatch) -> Iterator[FlaskClient]:
    monkeypatch.setattr(duty, "MIN_PAUSE_S", 0)
    for name in ("RUNS", "LINES", "CHUNKS"):
        monkeypatch.setattr(retention, name, 2)
    yield new_app(database_url=request.getfixturevalue(request.param), retention_days=30).test_client()
    database.close_all()


def old(session: Session) -> Session:
    Session.update(finished_at=OLD).where(Session.id == session.id).execute()
    return session


def whole(**values: Any) -> Session:
    """Store a session with runs at several points, log lines and readings."""
    session = measured(
        {"prefill": prefill({64: (900.0, 910.0, 905.0), 512: (800.0, 805.0)}), "decode": decode(40.0, 41.0)}, **values
    )
    for test in sessions.tests(session.id):
        LogLine.create(test=test, at=now(), text="a line more")
    ReadingChunk.create(session=session, start=0, end=100, data=b"readings")
    return session


def raw(session: Session) -> list[int]:
    """Return the numbers of its runs, log lines and chunks of readings."""
    tests = [test.id for test in sessions.tests(session.id)]
    return [
        Run.select().where(Run.test.in_(tests)).count(),
        LogLine.select().where(LogLine.test.in_(tests)).count(),
        ReadingChunk.select().where(ReadingChunk.session == session).count(),
    ]


def test_only_old_sessions_that_ended_and_are_not_pinned_are_pruned(client: FlaskClient) -> None:
    pruned, pinned, recent = old(whole()), old(whole()), whole()
    running = queued()
    claimed(running)
    edits.edit(pinned.id, {"pinned": True})
    kept = raw(recent)
    assert all(kept)
    with client.application.app_context():
        duty.prune_old()
        assert raw(pruned) == [0, 0, 0]
        assert raw(pinned) == raw(recent) == kept
        marks = {each.id: (each.pruned_at is not None, each.has_raw_data) for each in Session.select()}
        assert marks == {pruned.id: (True, False), **dict.fromkeys((pinned.id, recent.id, running.id), (False, True))}
        assert retention.number_due(BEFORE) == 0


def test_what_a_killed_process_began_is_marked_and_finished_by_another(client: FlaskClient) -> None:
    session = old(whole())
    steps = retention.prune(session.id)
    assert next(steps) == 2
    steps.close()
    assert get(client, f"/api/v1/test-sessions/{session.id}/runs").status_code == 410
    edits.edit(session.id, {"pinned": True})  # too late
    assert retention.number_due(BEFORE) == 1
    assert sum(duty.prune(BEFORE)) == ROWS - 2
    assert raw(session) == [0, 0, 0]


def test_a_session_that_was_pinned_in_the_meantime_is_spared(client: FlaskClient) -> None:
    session = old(finished())
    steps = retention.prune(session.id)
    edits.edit(session.id, {"pinned": True})
    assert list(steps) == []
    assert get(client, f"/api/v1/test-sessions/{session.id}").get_json()["prunedAt"] is None


def get(client: FlaskClient, path: str) -> Any:
    return client.get(path)


def test_pages_and_routes_say_what_was_pruned(client: FlaskClient) -> None:
    session, other = old(whole()), whole()
    before = get(client, f"/api/v1/test-sessions/{session.id}").get_json()
    estimate = client.post("/api/v1/estimates", json={"models": ["tiny:latest"], "testTypes": ["decode"]}).get_json()
    compared = f"/compare?session={session.id}&session={other.id}"
    assert "runs were deleted" not in get(client, compared).text  # the values of its runs are kept in memory
    assert sum(duty.prune(BEFORE)) == ROWS
    after = get(client, f"/api/v1/test-sessions/{session.id}").get_json()
    assert after["prunedAt"]
    for model in before["models"]:
        for test in model["tests"]:
            test["logs"] = []
    assert after == before | {"prunedAt": after["prunedAt"]}
    for part, what in (("runs", "runs"), ("telemetry", "readings"), ("export?format=csv", "runs")):
        gone = get(client, f"/api/v1/test-sessions/{session.id}/{part}")
        assert gone.status_code == 410
        assert body(gone)["message"].startswith(f"The {what} of this session were deleted on 20")
    exported = get(client, f"/api/v1/test-sessions/{session.id}/export").get_json()
    assert (exported["runs"], exported["prunedAt"], exported["models"]) == ([], after["prunedAt"], after["models"])
    page = get(client, f"/sessions/{session.id}").text
    assert "The runs, readings and log lines of this session were deleted on" in page
    assert "could not be shown" not in page
    assert "telemetry-plot" not in page
    assert "905" in page
    for path in (compared, "/history?model=tiny:latest&testType=decode", "/"):
        assert "could not be shown" not in get(client, path).text, path
    assert "runs were deleted, because the session is old" in get(client, compared).text
    assert get(client, f"/api/v1/test-sessions/{session.id}/repeats").status_code == 200
    again = client.post("/api/v1/estimates", json={"models": ["tiny:latest"], "testTypes": ["decode"]}).get_json()
    assert again == estimate
