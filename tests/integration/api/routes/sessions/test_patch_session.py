"""`PATCH /test-sessions/{id}`, before, while and after the session is measured."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from common.store.changes import circumstances, writes
from common.store.database import database
from common.store.reads import sessions
from common.store.search_tables import Deletions, SessionTag
from common.store.tables import Session
from testbed.stored.inventory import INVENTORY
from tests.integration.api.conftest import body, get
from tests.integration.api.routes.sessions.test_sessions import UNKNOWN
from tests.support.stored.sessions import HARDWARE, claimed, finished, queued

EDIT = {"name": "New name", "tags": ["Nightly", "fan"], "pinned": True, "note": "Fans at 60 %.\n\tKeep it."}


def patch(client: FlaskClient, session_id: object, change: object) -> Any:
    answer = client.patch(f"/api/v1/test-sessions/{session_id}", json=change)
    assert answer.status_code == 200, answer.text
    return body(answer)


def test_a_change_is_in_every_answer_and_searches_follow(client: FlaskClient) -> None:
    session, other = finished(name="Old name", tags=("weekly", "fan")), finished(tags=("weekly",))
    for query in ("tags=weekly", "search=old+name", "pinned=false"):  # so that their numbers are kept
        get(client, f"/test-sessions?{query}")
    before = get(client, f"/test-sessions/{session.id}")
    changed = patch(client, session.id, EDIT)
    assert {name: changed[name] for name in EDIT} == EDIT
    assert changed["testTypes"] == ["decode", "ttft"]
    assert get(client, f"/test-sessions/{session.id}") == before | EDIT | {"series": "name:New name"}

    def found(query: str) -> list[str]:
        answer = get(client, f"/test-sessions?results=false&{query}")
        assert answer["total"] == len(answer["sessions"])
        return [each["id"] for each in answer["sessions"]]

    for query in (
        "search=new+name",
        "search=fans+at+60",
        "tags=nightly",
        "tags=fan,llama",
        "search=radeon&pinned=true",
    ):
        assert found(query) == [session.id], query
    assert found("search=old+name") == []
    assert found("tags=weekly") == found("pinned=false") == [other.id]


def test_absent_fields_stay_and_null_resets(client: FlaskClient) -> None:
    session = finished(name="Old name", tags=("weekly",))
    patch(client, session.id, {"pinned": True, "note": "x"})
    counted = Deletions.get().edits
    assert patch(client, session.id, {"pinned": True, "note": "x"}) == patch(client, session.id, {})
    assert Deletions.get().edits == counted  # a change that changes nothing lets no list count again
    kept = patch(client, session.id, {"note": None})
    assert (kept["name"], kept["tags"], kept["pinned"], kept["note"]) == ("Old name", ["weekly"], True, None)
    reset = patch(client, session.id, {"name": None, "tags": None, "pinned": None})
    assert (reset["name"], reset["tags"], reset["pinned"]) == (None, [], False)
    assert sorted(row.tag for row in SessionTag.select()) == ["f16", "llama"]


@pytest.mark.parametrize("database_url", ["sqlite_url", "postgresql_url"])
def test_a_worker_does_not_undo_it(request: pytest.FixtureRequest, new_app: Any, database_url: str) -> None:
    client = new_app(database_url=request.getfixturevalue(database_url)).test_client()
    session = queued(name="Old name")
    patch(client, session.id, {"name": "Waiting"})
    claim, tests = claimed(session, inventory=None)
    patch(client, session.id, EDIT)
    circumstances.describe_machine(claim, INVENTORY, "0.9.3")
    circumstances.adopt_model(claim, "tiny:latest", "d" * 64, "d" * 12, 8)
    for test in tests:
        writes.fail_test(claim, test, "it failed")
    writes.finish_session(claim)
    answer = get(client, f"/test-sessions/{session.id}")
    assert {name: answer[name] for name in EDIT} == EDIT
    assert (answer["hardware"], answer["ollamaVersion"]) == (HARDWARE, "0.9.3")
    for query in ("search=radeon", "search=fans", "tags=nightly"):
        assert get(client, f"/test-sessions?{query}")["total"] == 1, query
    assert sessions.session_alone(session.id) == Session.get()
    database.close_all()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"tags": ["a,b"]}, "tags"),
        ({"tags": ["x"] * 21}, "tags"),
        ({"tags": "x"}, "tags"),
        ({"pinned": "yes"}, "pinned"),
        ({"pinned": 1}, "pinned"),
        ({"note": "\x00"}, "note"),
        ({"note": "x" * 4001}, "note"),
        ({"pined": True}, "pined"),
        ({"status": "completed"}, "status"),
    ],
)
def test_what_cannot_be_changed_is_refused(client: FlaskClient, change: dict[str, object], field: str) -> None:
    session = finished(name="Old name")
    answer = client.patch(f"/api/v1/test-sessions/{session.id}", json=change)
    assert (answer.status_code, list(body(answer)["details"])) == (422, [field])
    assert get(client, f"/test-sessions/{session.id}")["name"] == "Old name"


def test_an_unknown_session(client: FlaskClient) -> None:
    assert client.patch(f"/api/v1/test-sessions/{UNKNOWN}", json=EDIT).status_code == 404


def test_a_merge_patch_by_its_own_type(client: FlaskClient) -> None:
    path = f"/api/v1/test-sessions/{queued().id}"
    answer = client.patch(path, data='{"note": "x"}', content_type="application/merge-patch+json")
    assert (answer.status_code, body(answer)["note"]) == (200, "x")
    assert client.patch(path, data="note=x").status_code == 415
