"""Clients and models that generators made from the OpenAPI document, on a real API."""

import datetime as dt
import json
import subprocess
import uuid
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from testbed.servers.api_server import ApiServer
from tests.integration.api.openapi.clients.conftest import KEY, Body, Import

pytestmark = pytest.mark.slow

YEARS = dt.date(2000, 1, 1), dt.datetime(2200, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=2)))

ANSWERS = {
    "InstalledModels": "models",
    "Hosts": "hosts",
    "TestTypes": "test-types",
    "SessionList": "test-sessions?limit=100",
    "Results": "test-results",
}
OF_SESSION = {"SessionDetail": "", "Runs": "/runs", "SessionExport": "/export", "Telemetry": "/telemetry?phases=10"}


@pytest.fixture
def client(server: ApiServer, generated: Import) -> Iterator[Any]:
    url = f"http://{server.address}"
    with generated("client").AuthenticatedClient(url, KEY, prefix="", auth_header_name="X-API-Key") as client:
        yield client


@pytest.fixture
def call(client: Any, generated: Import) -> Any:
    """Return a function that calls an operation, `tag.name`, and returns the status and the parsed answer."""

    def call(operation: str, *arguments: Any, **options: Any) -> Any:
        found = generated(f"client.api.{operation}").sync_detailed(*arguments, client=client, **options)
        return found.status_code, found.parsed

    return call


def test_a_generated_client_submits_filters_and_cancels(call: Any, generated: Import) -> None:
    models = generated("client.models")
    new = models.NewSession(models=["tiny:latest"], test_types=["decode"], tags=["generated"])
    status, submitted = call("sessions.submit_session", body=new, idempotency_key="one")
    assert (status, type(submitted), type(submitted.session_id)) == (HTTPStatus.ACCEPTED, models.Submitted, uuid.UUID)
    status, listed = call("sessions.list_sessions", tags=["generated", "llama"], limit=5)
    assert (status, [session.id for session in listed.sessions]) == (HTTPStatus.OK, [submitted.session_id])
    assert (listed.sessions[0].status.value, listed.sessions[0].group) == ("running", None)
    status, session = call("sessions.read_session", submitted.session_id)
    assert (status, session.models[0].tests[0].metrics) == (HTTPStatus.OK, None)
    change = models.SessionPatch(name="renamed", pinned=True, note=None)
    status, patched = call("sessions.patch_session", submitted.session_id, body=change)
    assert (status, patched.name, patched.pinned, patched.tags) == (HTTPStatus.OK, "renamed", True, ["generated"])
    wanted = models.ListSessionsStatusItem("queued")
    status, listed = call("sessions.list_sessions", status=[wanted], pinned=True)
    assert (status, listed.total) == (HTTPStatus.OK, 1)
    status, cancelled = call("sessions.cancel_session", submitted.session_id)
    assert (status, cancelled.message) == (HTTPStatus.ACCEPTED, "cancelled by request")


def test_a_generated_client_stores_changes_and_deletes_a_schedule(call: Any, generated: Import) -> None:
    models = generated("client.models")
    session = models.NewSession(models=["tiny:latest"], test_types=["decode"])
    status, stored = call("schedules.create_schedule", body=models.NewSchedule(cron="30 2 * * *", session=session))
    assert (status, stored.time_zone, stored.session.test_types) == (HTTPStatus.CREATED, "UTC", ["decode"])
    assert (stored.next_time.hour, stored.last_session) == (2, None)
    status, changed = call("schedules.patch_schedule", stored.id, body=models.SchedulePatch(enabled=False))
    assert (status, changed.enabled, changed.next_time) == (HTTPStatus.OK, False, None)
    _, listed = call("schedules.list_schedules")
    assert [schedule.id for schedule in listed.schedules] == [stored.id]
    status, _ = call("schedules.delete_schedule", stored.id)
    assert status == HTTPStatus.NO_CONTENT


def test_a_generated_client_reads_results_of_a_range(call: Any) -> None:
    start, end = YEARS
    status, found = call("results.list_results", date_rangestart=start, date_rangeend=end, test_type="decode")
    assert (status, found.total) == (HTTPStatus.OK, len(found.results))
    assert all(result.metrics.statistics["tokensPerSecond"].unit == "tokens/s" for result in found.results)
    assert found.total > 0
    _, none = call("results.list_results", date_rangestart=end)
    assert none.total == 0


def test_a_generated_client_adds_and_tests_a_webhook(call: Any, generated: Import) -> None:
    new = generated("client.models").NewWebhook(url="https://lab.example/hook", secret="s" * 16)
    status, added = call("webhooks.add_webhook", body=new)
    assert (status, added.enabled, type(added.id)) == (HTTPStatus.CREATED, True, uuid.UUID)
    status, event = call("webhooks.test_webhook", added.id)
    _, sent = call("webhooks.list_deliveries", added.id)
    assert (status, [each.event_id for each in sent.deliveries]) == (HTTPStatus.ACCEPTED, [event.event_id])
    changed = generated("client.models").WebhookPatch(enabled=False)
    assert call("webhooks.patch_webhook", added.id, body=changed)[1].enabled is False
    assert call("webhooks.delete_webhook", added.id)[0] == HTTPStatus.NO_CONTENT
    status, regressions = call("regressions.list_regressions")
    assert (status, regressions.total) == (HTTPStatus.OK, 0)


def test_a_generated_client_reads_conclusions(call: Any, body: Body) -> None:
    results = json.loads(body("test-results?testType=decode"))["results"]
    known = results[0]
    status, compared = call(
        "comparisons.read_comparison", baseline=known["sessionId"], candidate=[results[-1]["sessionId"]]
    )
    assert (status, len(compared.columns) > 1, len(compared.tests) > 0) == (HTTPStatus.OK, True, True)
    status, history = call("histories.read_history", model=known["modelName"], test_type="decode")
    assert (status, history.metric, len(history.points) > 0) == (HTTPStatus.OK, "decodeTokensPerSecond", True)
    status, board = call("leaderboard.read_leaderboard", test_type="decode")
    assert (status, board.unit, len(board.entries) > 0) == (HTTPStatus.OK, "tokens/s", True)
    status, repeats = call("repeats.read_repeats", uuid.UUID(known["sessionId"]))
    assert (status, repeats.ended >= 0) == (HTTPStatus.OK, True)
    status, schema = call("imports.read_session_schema")
    assert (status, "properties" in schema.additional_properties) == (HTTPStatus.OK, True)
    nobody = uuid.UUID(int=0)
    for operation in ("regressions.read_regression", "schedules.read_schedule", "webhooks.read_webhook"):
        assert call(operation, nobody)[0] == HTTPStatus.NOT_FOUND


def test_a_generated_client_gets_errors_as_objects(call: Any, generated: Import) -> None:
    new = generated("client.models").NewSession
    nobody = uuid.UUID(int=0)
    status, error = call("sessions.read_session", nobody)
    assert (status, error.status, error.message) == (HTTPStatus.NOT_FOUND, 404, f"There is no session {nobody}.")
    status, error = call("sessions.submit_session", body=new(models=["tiny:latest"], test_types=["nothing"]))
    assert (status, error.details.additional_properties.keys()) == (HTTPStatus.UNPROCESSABLE_ENTITY, {"testTypes"})
    for test_types, expected in ((["decode"], HTTPStatus.ACCEPTED), (["ttft"], HTTPStatus.CONFLICT)):
        body = new(models=["tiny:latest"], test_types=test_types)
        status, answer = call("sessions.submit_session", body=body, idempotency_key="two")
        assert status == expected
    assert answer.status == HTTPStatus.CONFLICT


def test_generated_models_accept_real_answers(generated: Import, body: Body) -> None:
    models = generated("models")
    read = {name: getattr(models, name).model_validate_json(body(path)) for name, path in ANSWERS.items()}
    assert len(read["SessionList"].sessions) > 3
    assert read["Results"].results[0].metrics.headline.unit
    for session in json.loads(body("test-sessions?limit=100"))["sessions"]:
        for name, path in OF_SESSION.items():
            getattr(models, name).model_validate_json(body(f"test-sessions/{session['id']}{path}"))


def test_a_generated_client_exports_and_imports_sessions_of_an_earlier_release(
    call: Any, generated: Import, body: Body
) -> None:
    models = generated("client.models")
    sessions = json.loads(body("test-sessions?limit=100"))["sessions"]
    ended = [session["id"] for session in sessions if session["status"] != "running"]
    assert ended
    status, exported = call("export.export_session", ended[0])
    assert (status, type(exported), exported.id) == (HTTPStatus.OK, models.SessionExport, uuid.UUID(ended[0]))
    for known in ended:
        document = body(f"test-sessions/{known}/export?format=document")
        new = str(uuid.uuid4())
        moved = models.ImportSessionBody.from_dict(json.loads(document.replace(known, new)))
        status, imported = call("imports.import_session", body=moved)
        assert status == HTTPStatus.CREATED, imported.to_dict()
        assert str(imported.session_id) == new
        assert body(f"test-sessions/{new}/export?format=document") == document.replace(known, new)
        status, refused = call("imports.import_session", body=moved)
        assert (status, new in refused.message) == (HTTPStatus.CONFLICT, True)
        has_runs = bool(json.loads(document)["runs"])
        for name in models.ExportSessionFormat:  # a table of no runs may be empty
            assert body(f"test-sessions/{new}/export?format={name}") or not has_runs
    broken = models.ImportSessionBody.from_dict({**json.loads(document), "runs": 7})
    status, refused = call("imports.import_session", body=broken)
    assert (status, refused.details.additional_properties.keys()) == (HTTPStatus.UNPROCESSABLE_ENTITY, {"runs"})


def test_a_typescript_client_does_the_same(typescript_client: Path, server: ApiServer) -> None:
    command = ["node", str(typescript_client), f"http://{server.address}", KEY]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    assert found.pop("total") > 0
    assert found == {
        "listed": [True],
        "group": None,
        "unit": "tokens/s",
        "statuses": [404, 409, 422],
        "columns": True,
        "history": "decodeTokensPerSecond",
        "board": "tokens/s",
        "timeZone": "UTC",
        "regressions": 0,
        "fields": ["testTypes"],
    }
