"""Import of sessions: what is refused and where the fault is, what stays as it was, and what is marked."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from openapi_schema_validator import OAS31Validator

from api.formats.documents import shapes
from common.machines.fingerprint import digest, fingerprint
from common.store.changes import writes
from common.store.database import database
from common.store.earlier import history
from common.store.reads.inventories import newest_on
from common.store.search_tables import SessionTag
from common.store.tables import STAGED, Hardware, LogLine, ReadingChunk, Result, Run, Session, Table, Test
from testbed.stored.inventory import INVENTORY
from tests.integration.api.conftest import NewApp, body
from tests.support.stored.generated_documents import document
from tests.support.stored.measured import decode, measured, prefill

IMPORT = "/api/v1/test-sessions/import"
Change = Callable[[Any], object]

LOCAL = {
    Session: {
        "idempotency_key",
        "request_digest",
        "owner",
        "claim",
        "failed_claims",
        "imported_at",
        "pinned",
        "unevaluated",
        "schedule",
        "series",
        "grade",
    },
    Test: {"id", "session", "host", "inventory"},
    Result: {"test"},
    Run: {"id"},
    LogLine: {"id"},
    ReadingChunk: {"id", "session"},
    Hardware: {"text"},
}
"""Columns that belong to one database, or follow from others. All others are fields of the document."""
PARTS = {
    Session: shapes.SessionPart,
    Test: shapes.TestPart,
    Result: shapes.ResultPart,
    Run: shapes.RunPart,
    LogLine: shapes.LogPart,
    ReadingChunk: shapes.ReadingsPart,
    Hardware: shapes.HardwarePart,
}
NOT_COLUMNS = {"result"}


def exported(client: FlaskClient, session_id: str) -> bytes:
    answer = client.get(f"/api/v1/test-sessions/{session_id}/export?format=document")
    assert answer.status_code == 200
    data: bytes = answer.data
    return data


def send(client: FlaskClient, data: bytes | str, kind: str = "application/json") -> Any:
    return client.post(IMPORT, data=data, content_type=kind)


def whole() -> Any:
    return json.loads(document(4))


@pytest.mark.parametrize("table", PARTS)
def test_every_column_is_a_field_of_the_document_or_local(table: type[Table]) -> None:
    fields = {"".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name) for name in
              PARTS[table].__annotations__} - NOT_COLUMNS  # fmt: skip
    columns = set(table._meta.fields) - LOCAL[table]
    assert fields - {"hardware"} == columns - {"hardware"}


def test_an_imported_session_is_whole_and_marked(client: FlaskClient) -> None:
    plans = {"decode": decode(40.0, 41.5), "prefill": prefill({64: [1.0], 128: [2.0]})}
    session = measured(plans, ("a:1b", "<script>alert(1)</script>"), name="old", tags=("T",))
    data = exported(client, session.id)
    OAS31Validator(body(client.get("/api/v1/schemas/session-1.json"))).validate(json.loads(data))
    assert send(client, data).status_code == 409
    writes.delete_session(session.id)
    for _ in range(2):  # the second time it is here
        answer = send(client, data)
    assert (answer.status_code, session.id in body(answer)["message"]) == (409, True)
    assert exported(client, session.id) == data
    found = body(client.get(f"/api/v1/test-sessions/{session.id}"))
    listed = body(client.get("/api/v1/test-sessions?search=old&tags=T"))
    assert listed["total"] == 1
    assert found["importedAt"] == listed["sessions"][0]["importedAt"] is not None
    for path in ("/", f"/sessions/{session.id}", "/compare?session=" + session.id, "/history", "/machines", "/metrics"):
        page = client.get(path)
        assert page.status_code == 200, path
        assert path == "/metrics" or "could not be shown" not in page.text, path
        assert path == "/metrics" or "<script>alert" not in page.text, path
    assert "imported" in client.get("/").text
    for part in ("", "/runs", "/telemetry", "/repeats", "/export", "/export?format=csv"):
        assert client.get(f"/api/v1/test-sessions/{session.id}{part}").status_code == 200, part


FAULTS: tuple[tuple[str, Change], ...] = (
    ("schema", lambda found: found.update(schema="gait-session/99")),
    ("session.status", lambda found: found["session"].update(status="running")),
    ("session.id", lambda found: found["session"].update(id="../../etc/passwd")),
    ("session.name", lambda found: found["session"].update(name="a\x00b")),
    ("session.host", lambda found: found["session"].update(host="\ud800")),
    ("session.host", lambda found: found["session"].update(host="h" * 256)),
    ("session.owner", lambda found: found["session"].update(owner="me")),
    ("session.models", lambda found: found["session"].update(models=[])),
    ("session.models[0].size", lambda found: found["session"]["models"][0].update(size="7")),
    ("session.models[0].size", lambda found: found["session"]["models"][0].update(size=2**64)),
    ("session.createdAt", lambda found: found["session"].update(createdAt="yesterday")),
    ("session.createdAt", lambda found: found["session"].update(createdAt="0001-01-01T00:00:00+14:00")),
    ("hardware.digest", lambda found: found["hardware"].update(digest="../x")),
    ("hardware.inventory.gpu", lambda found: found["hardware"].update(inventory={"gpu": 7})),
    ("hardware.inventory", lambda found: found["hardware"].update(inventory={"cpu": {"model": 7}})),
    ("tests", lambda found: found["tests"].pop()),
    ("tests[0].position", lambda found: found["tests"][0].update(position=5)),
    ("tests[0].result.metrics.x", lambda found: found["tests"][0]["result"]["metrics"].update(x="fast")),
    ("runs[0].metrics.x", lambda found: found["runs"][0]["metrics"].update(x=True)),
    ("runs[0].record.requests[0]", lambda found: found["runs"][0]["record"].update(requests=[7])),
    ("runs[1].repetition", lambda found: found["runs"].__setitem__(1, found["runs"][0])),
    ("runs and logs", lambda found: found["runs"][0].update(test=99)),
    ("logs[0].text", lambda found: found["logs"][0].update(text=None)),
    ("readings[0].data", lambda found: found["readings"].append({"start": 1, "end": 2, "data": "AAAA"})),
    ("sessions", lambda found: found.update(sessions=[])),
    ("hardware", lambda found: found.pop("hardware")),
)
"""Where the fault is that a change of a valid document makes."""
RESULT: Any = {"metrics": {}, "software": None, "statistics": {}, "details": {}, "grade": None}


def test_a_document_with_a_fault_is_refused_at_its_place(client: FlaskClient) -> None:
    for path, change in FAULTS:
        found = {**whole(), "readings": []}
        found["tests"][0] |= {"status": "completed", "result": found["tests"][0]["result"] or {**RESULT}}
        change(found)
        answer = send(client, json.dumps(found))
        assert (answer.status_code, list(body(answer).get("details", {}))) == (422, [path]), answer.text
    assert [table.select().count() for table in (Session, Test, Run, SessionTag)] == [0, 0, 0, 0]


TEXTS: tuple[tuple[int, str | bytes], ...] = (
    (422, ""),
    (422, "[]"),
    (422, '{"schema": NaN}'),
    (422, '{"schema": 1e999}'),
    (422, '{"runs": ' + "9" * 5000 + "}"),
    (422, '{"runs": [' + "[" * 100_000),
    (422, '{"runs": [{"a": 1, "a": 2}]}'),
    (422, '{"session": {}, "session": {}}'),
    (422, '{"schema": "gait-session/1"} {}'),
    (422, b'{"schema": "\xff"}'),
    (413, '{"x": "' + "x" * 1_000_000 + '"}'),
)


def test_text_that_is_not_a_document_is_refused(new_app: NewApp) -> None:
    client = new_app(max_import_mb=1).test_client()
    for status, text in TEXTS:
        assert send(client, text).status_code == status, text[:40]
    assert send(client, "{}", "text/plain").status_code == 415
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    assert client.post(IMPORT, data="{}", headers=headers).status_code == 415


def test_an_import_that_ends_early_leaves_nothing(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        assert Session.select(Session.status).scalar() == STAGED
        assert body(client.get("/api/v1/test-sessions"))["total"] == 0
        raise OSError("the disk is full")

    monkeypatch.setattr("common.store.changes.imports.publish", fail)
    assert send(client, document(1)).status_code == 500
    assert [table.select().count() for table in (Session, Test, Run, LogLine)] == [0, 0, 0, 0]


def test_an_import_is_history_of_a_host_only_if_its_machine_is_the_same(client: FlaskClient) -> None:
    def days(inventory: Any) -> int:
        foreign = measured({"decode": decode(40.0)}, inventory=inventory)
        data = exported(client, foreign.id)
        writes.delete_session(foreign.id)
        assert send(client, data).status_code == 201
        return len(history.history("tiny:latest", "decode", "decodeTokensPerSecond", host="local"))

    assert days(INVENTORY) == 1  # nothing was measured here
    own = measured({"decode": decode(40.0)})
    assert days({**INVENTORY, "ram": None}) == 2
    assert newest_on("local") == INVENTORY
    assert days(INVENTORY) == 3
    assert own.imported_at is None
    database.close()


def test_a_digest_is_of_one_inventory(client: FlaskClient) -> None:
    first, second = json.loads(document(4)), json.loads(document(5))
    assert send(client, json.dumps(first)).status_code == 201
    second["hardware"]["digest"] = first["hardware"]["digest"]
    assert list(body(send(client, json.dumps(second)))["details"]) == ["hardware.digest"]
    own = digest(INVENTORY)
    Hardware.insert(digest=own, fingerprint="0" * 16, inventory={}, text="").execute()
    measured({"decode": decode(1.0)})  # what a machine reports comes before what somebody imported
    machine = Hardware.get_by_id(own)
    assert (machine.inventory["cpu"], machine.fingerprint) == (INVENTORY["cpu"], fingerprint(INVENTORY))
