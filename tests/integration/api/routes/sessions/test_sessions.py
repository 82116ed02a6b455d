"""One session: reading, cancelling and deleting it."""

import uuid

from flask.testing import FlaskClient

from common.store.changes import writes
from common.store.tables import Session
from tests.integration.api.conftest import body, get, is_a_time
from tests.support.stored.sessions import HARDWARE, METRICS, TYPES, claimed, finished, queued

UNKNOWN = uuid.uuid4()


def test_one_session_of_a_group_can_be_deleted_or_cancelled(client: FlaskClient) -> None:
    group = str(uuid.uuid4())
    first, second, third = (queued(host=host, group=group) for host in ("a", "b", "c"))
    for session in (first, second):
        assert client.post(f"/api/v1/test-sessions/{session.id}/cancel").status_code == 202
    assert client.delete(f"/api/v1/test-sessions/{first.id}").status_code == 204
    left = get(client, f"/test-sessions?group={group}")["sessions"]
    assert [(session["id"], session["phase"]) for session in left] == [(third.id, "queued"), (second.id, "cancelled")]


def test_a_session_in_detail(client: FlaskClient) -> None:
    session = finished("tiny:latest", "small:latest")
    answer = get(client, f"/test-sessions/{session.id}")
    assert is_a_time(answer.pop("date"))
    models = answer.pop("models")
    assert answer == {
        "id": session.id,
        "name": None,
        "host": "local",
        "group": None,
        "schedule": None,
        "series": f"session:{session.id}",
        "grade": "clean",
        "status": "completed",
        "phase": "finished",
        "message": None,
        "order": "sequential",
        "effort": "standard",
        "tags": [],
        "pinned": False,
        "note": None,
        "prunedAt": None,
        "importedAt": None,
        "hardware": HARDWARE,
        "ollamaVersion": "0.9.3",
    }
    assert [(model["name"], model["version"]) for model in models] == [
        ("tiny:latest", "0123456789ab"),
        ("small:latest", "0123456789ab"),
    ]
    test = models[1]["tests"][1]
    moment, _, line = test.pop("logs")[0].partition(" ")
    assert is_a_time(moment)
    assert line == "run 1 of 3"
    assert test == {
        "type": "ttft",
        "status": "completed",
        "phase": "finished",
        "message": None,
        "options": TYPES[1].resolve({}),
        "metrics": METRICS,
        "answer": {
            "metric": "tokensPerSecond",
            "label": "rate",
            "value": 42.0,
            "unit": "tokens/s",
            "better": "higher",
            "ci95": None,
            "at": "",
        },
        "grade": "clean",
        "verdicts": [],
    }


def test_values_not_known_yet_are_null(client: FlaskClient) -> None:
    session = queued()
    claimed(session, inventory=None)
    answer = get(client, f"/test-sessions/{session.id}")
    assert answer["hardware"] is None
    assert answer["models"][0]["tests"][0]["metrics"] is None
    assert answer["models"][0]["tests"][0]["logs"] == []


def test_unknown_sessions(client: FlaskClient) -> None:
    for method, path in [("GET", ""), ("POST", "/cancel"), ("DELETE", "")]:
        for session_id in (UNKNOWN, "no-uuid", "%00"):
            answer = client.open(f"/api/v1/test-sessions/{session_id}{path}", method=method)
            assert (answer.status_code, body(answer)["status"]) == (404, 404)


def test_only_ended_sessions_can_be_deleted(client: FlaskClient) -> None:
    session = queued()
    refused = client.delete(f"/api/v1/test-sessions/{session.id}")
    assert refused.status_code == 409
    assert body(refused) == {"status": 409, "message": "The session is running. Cancel it first."}
    writes.cancel_session(session.id)
    answer = client.delete(f"/api/v1/test-sessions/{session.id}")
    assert (answer.status_code, answer.data) == (204, b"")
    assert Session.select().count() == 0
