"""Lists of sessions."""

import uuid

from flask.testing import FlaskClient

from common.store.changes import edits, writes
from common.store.database import database
from common.store.reads import sessions
from common.store.reads.states import state_of
from tests.integration.api.conftest import body, get, is_a_time
from tests.support.stored.sessions import HARDWARE, TYPES, claimed, finished, queued


def test_a_waiting_session_in_the_list(client: FlaskClient) -> None:
    session = queued("tiny:latest", "small:latest", name="one", tags=("nightly",))
    answer = get(client, "/test-sessions")
    [listed] = answer.pop("sessions")
    assert answer == {"total": 1, "page": 1, "limit": 20}
    assert is_a_time(listed.pop("date"))
    assert listed == {
        "id": session.id,
        "name": "one",
        "host": "local",
        "group": None,
        "schedule": None,
        "series": "name:one",
        "grade": None,
        "status": "running",
        "phase": "queued",
        "message": None,
        "order": "sequential",
        "effort": "standard",
        "tags": ["nightly"],
        "pinned": False,
        "note": None,
        "prunedAt": None,
        "importedAt": None,
        "hardware": None,
        "models": ["tiny:latest", "small:latest"],
        "testTypes": ["decode", "ttft"],
    }


def test_a_finished_session_has_its_results(client: FlaskClient) -> None:
    finished()
    [listed] = get(client, "/test-sessions")["sessions"]
    assert (listed["status"], listed["phase"], listed["hardware"]) == ("completed", "finished", HARDWARE)
    dates = [result.pop("date") for result in listed["results"]]
    assert all(is_a_time(date) for date in dates)
    brief = {"inferenceTime": 120.5, "tokensPerSecond": 42.0, "vramUsage": None}
    assert listed["results"] == [
        {"modelName": "tiny:latest", "testType": test_type.name, "metrics": brief, "grade": "clean"}
        for test_type in TYPES
    ]
    assert "results" not in get(client, "/test-sessions?results=false")["sessions"][0]


def test_pages_are_newest_first(client: FlaskClient) -> None:
    ids = [queued().id for _ in range(5)]
    pages = [get(client, f"/test-sessions?limit=2&page={page}") for page in (1, 2, 3, 4)]
    assert [[session["id"] for session in page["sessions"]] for page in pages] == [
        [ids[4], ids[3]],
        [ids[2], ids[1]],
        [ids[0]],
        [],
    ]
    assert {page["total"] for page in pages} == {5}


def test_search_and_tags(client: FlaskClient) -> None:
    one = queued("tiny:latest", name="First light", tags=("nightly", "Quiet")).id
    two = finished("small:latest", tags=("nightly",)).id

    def found(query: str) -> list[str]:
        return [session["id"] for session in get(client, f"/test-sessions?{query}")["sessions"]]

    assert found("search=LIGHT") == [one]
    assert found("search=small") == [two]
    assert found("search=radeon") == [two]
    assert found("search=%25") == []
    assert found("tags=nightly") == [two, one]
    assert found("tags=nightly,quiet") == found("tags=nightly&tags=quiet") == [one]
    assert found("tags=llama&search=ttft") == [two, one]
    assert found("tags=missing") == []


def test_sessions_of_a_host_and_of_a_group(client: FlaskClient) -> None:
    group = str(uuid.uuid4())
    alone, first_of_group, second_of_group = queued(), queued(group=group), queued(host="other", group=group)

    def found(query: str) -> list[str]:
        return [session["id"] for session in get(client, f"/test-sessions?{query}")["sessions"]]

    assert found("host=local") == [first_of_group.id, alone.id]
    assert found(f"group={group}") == [second_of_group.id, first_of_group.id]
    assert found(f"group={group.upper()}&host=other") == found(f"group={group}&search=other") == [second_of_group.id]
    assert found("host=moon") == found(f"group={uuid.uuid4()}") == []
    assert get(client, f"/test-sessions/{first_of_group.id}")["group"] == group


def test_bad_queries_are_refused_by_field(client: FlaskClient) -> None:
    for query, field in [
        ("page=0", "page"),
        ("page=99999999999999999999", "page"),
        ("limit=101", "limit"),
        ("limit=x", "limit"),
        ("results=maybe", "results"),
        ("search=%00", "search"),
        ("tag=x", "tag"),
        ("group=x", "group"),
        ("status=ended", "status"),
        ("pinned=perhaps", "pinned"),
    ]:
        answer = client.get(f"/api/v1/test-sessions?{query}")
        assert answer.status_code == 422, query
        assert list(body(answer)["details"]) == [field]


def test_sessions_by_status_and_pin(client: FlaskClient) -> None:
    waiting, running, failed, cancelled = (queued(host=host) for host in ("local", "local", "local", "other"))
    completed = finished()
    claimed(running)
    claim, _ = claimed(failed)
    writes.fail_session(claim, "no host")
    writes.cancel_session(cancelled.id)
    edits.edit(completed.id, {"pinned": True})
    newest_first = (completed, cancelled, failed, running, waiting)
    names = {
        session.id: state_of(session)
        for session in map(sessions.session_alone, (s.id for s in newest_first))
        if session
    }
    assert list(names.values()) == ["completed", "cancelled", "error", "running", "queued"]

    def found(query: str) -> list[str]:
        answer = get(client, f"/test-sessions?{query}")
        assert answer["total"] == len(answer["sessions"])
        return [names[session["id"]] for session in answer["sessions"]]

    for state in names.values():
        assert found(f"status={state}") == [state]
    assert found("status=queued,running") == found("status=queued&status=running") == ["running", "queued"]
    assert found("status=completed,cancelled,error") == ["completed", "cancelled", "error"]
    assert found("status=completed,queued") == found("status=completed,queued&search=tiny") == ["completed", "queued"]
    assert found("status=queued,running,completed,error,cancelled") == list(names.values())
    assert found("status=error,cancelled&host=local") == ["error"]
    assert found("pinned=true") == found("pinned=true&status=completed&tags=llama&host=local") == ["completed"]
    assert found("pinned=false&status=completed") == []
    assert found("pinned=false") == list(names.values())[1:]
    writes.cancel_session(waiting.id)
    assert found("status=queued") == []
    assert found("status=cancelled") == ["cancelled", "queued"]


def test_no_list_reads_the_metrics(client: FlaskClient) -> None:
    """Peewee would read them with `Result`, or one by one with `Test.metrics`."""
    finished("tiny:latest", "small:latest")
    asked: list[str] = []
    database.obj.query_hooks.append(lambda event: asked.append(event.sql))
    for path in ("/test-sessions?results=false", "/test-sessions", "/test-results", "/test-results?metrics=ramUsage"):
        asked.clear()
        get(client, path)
        reads = [sql for sql in asked if '"result"' in sql]
        assert "false" not in path or not any('"test"' in sql for sql in asked)
        assert len(reads) == (0 if "false" in path else 1), path
        assert not any('"details"' in sql for sql in reads), path
        assert len(asked) < 10, path
