"""`/schedules`: store, read, change, delete and run."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from redis import Redis

from api.routes import schedules as routes
from common.messaging import schedulers
from common.store.changes import writes
from common.values.free_json import Json
from tests.integration.api.conftest import HEADER, KEY, NewApp, body
from tests.integration.api.submission.schedules.conftest import BODY, DUE, SESSION, Night, Post

UNKNOWN = "01a209d2-d221-741c-84d0-38c0f996e1b8"
WHOLE = {
    "models": ["tiny:latest"],
    "testTypes": ["decode"],
    "order": "sequential",
    "effort": "standard",
    "repeat": 1,
    "name": None,
    "tags": ["nightly"],
    "host": None,
    "options": {},
}
"""The stored body, with the defaults of this release."""


def test_a_schedule_is_stored_read_changed_and_deleted(client: FlaskClient, post: Post, redis: Redis) -> None:
    answer = post()
    assert (answer.status_code, body(answer)["session"]) == (201, WHOLE)
    assert body(answer)["message"] == routes.NO_SCHEDULER
    schedulers.record_heartbeat(redis)
    location = answer.headers["Location"]
    found = body(client.get(location))
    assert found == {**body(answer), "message": None}
    assert found["nextTime"].endswith(("T00:30:00.000Z", "T01:30:00.000Z"))
    assert [found[name] for name in ("lastTime", "lastSession", "lastError")] == [None] * 3
    assert body(client.get("/api/v1/schedules")) == {"schedules": [found], "total": 1, "page": 1, "limit": 20}

    changed = body(client.patch(location, json={"name": None, "cron": "0 12 * * *", "timeZone": "UTC"}))
    assert (changed["name"], changed["nextTime"][11:16]) == (None, "12:00")
    assert body(client.patch(location, json={"enabled": False}))["nextTime"] is None
    assert body(client.patch(location, json={"session": SESSION | {"effort": "quick"}}))["session"]["effort"] == "quick"
    assert body(client.patch(location, json={"enabled": None}))["nextTime"] == changed["nextTime"]
    assert client.patch(location, json={"cron": None, "session": None}).status_code == 422

    assert client.delete(location).status_code == 204
    for method in (client.get, client.patch, client.delete):
        missing = method(location, json={}) if method == client.patch else method(location)
        assert (missing.status_code, body(missing)["message"]) == (404, f"There is no schedule {found['id']}.")


def test_a_repeated_request_stores_one_schedule(client: FlaskClient) -> None:
    def send(key: str, cron: str = "30 2 * * *") -> tuple[int, Json]:
        wanted = {"cron": cron, "session": SESSION}
        answer = client.post("/api/v1/schedules", json=wanted, headers={"Idempotency-Key": key})
        return answer.status_code, body(answer)

    first = send("one")
    assert first[0] == 201
    assert send("one") == first
    assert send("two")[1]["id"] != first[1]["id"]
    refused, problem = send("one", "0 3 * * *")
    message = "Idempotency-Key 'one' was used with another body. Choose another key for this one."
    assert (refused, problem["message"]) == (409, message)
    assert body(client.get("/api/v1/schedules"))["total"] == 2


@pytest.mark.parametrize(
    ("change", "problems"),
    [
        ({"cron": "0 0 30 2 *"}, {"cron": ["has no time: there is no day 30 in month 2"]}),
        ({"timeZone": "Berlin"}, {"timeZone": [...]}),
        ({"session": SESSION | {"models": []}}, {"session": {"models": ["choose 1 to 20 models"]}}),
        ({"session": SESSION | {"models": ["gone"]}}, {"session": {"models": [...]}}),
        ({"session": SESSION | {"testTypes": ["gone"]}}, {"session": {"testTypes": [...]}}),
        ({"session": SESSION | {"options": {"decode": {"x": 1}}}}, {"session": {"options": {"decode": ...}}}),
        ({"session": SESSION | {"host": "gone"}}, {"session": {"host": [...]}}),
        ({"every": "night"}, {"every": [...]}),
    ],
)
def test_what_could_not_run_is_refused_by_field(
    change: dict[str, Any], problems: dict[str, Any], client: FlaskClient, post: Post
) -> None:
    location = post().headers["Location"]
    for answer in (post(**change), client.patch(location, json=change)):
        assert answer.status_code == 422
        assert _like(body(answer)["details"], problems)
        assert body(answer)["message"] == f"The request is not valid: {', '.join(problems)}."
    assert body(client.get("/api/v1/schedules"))["total"] == 1


def _like(found: Any, expected: Any) -> bool:
    """Return whether both are equal where `...` is not expected."""
    if isinstance(expected, dict):
        return found.keys() == expected.keys() and all(_like(found[name], expected[name]) for name in expected)
    if isinstance(expected, list):
        return len(found) == len(expected) and all(map(_like, found, expected))
    return expected is ... or bool(found == expected)


def test_a_schedule_needs_a_time_and_a_session(client: FlaskClient) -> None:
    answer = client.post("/api/v1/schedules", json={"name": "nightly"})
    assert set(body(answer)["details"]) == {"cron", "session"}


def test_a_schedule_is_not_stored_without_its_ollama(new_app: NewApp) -> None:
    client = new_app(ollama_hosts={"local": "http://127.0.0.1:1"}).test_client()
    answer = client.post("/api/v1/schedules", json=BODY)
    assert answer.status_code == 503
    assert body(answer)["message"].startswith("nothing was stored: local: ")


def test_schedules_are_counted_by_key(new_app: NewApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "MAX_SCHEDULES", 1)
    client = new_app(api_keys=(KEY, "other")).test_client()
    statuses = [
        client.post("/api/v1/schedules", json=BODY, headers=header).status_code
        for header in (HEADER, HEADER, {"X-API-Key": "other"})
    ]
    assert statuses == [201, 429, 201]


def test_the_session_of_a_schedule_is_submitted_at_once_on_request(night: Night) -> None:
    client, address = night.client, f"/api/v1/schedules/{night.id}"
    client.patch(address, json={"enabled": False})
    first = client.post(f"{address}/run", headers={"Idempotency-Key": "once"})
    assert first.status_code == 202
    session_id = body(first)["sessionId"]
    assert body(client.post(f"{address}/run", headers={"Idempotency-Key": "once"}))["sessionId"] == session_id
    second = client.post(f"{address}/run")
    assert (second.status_code, body(second)["message"]) == (
        409,
        f"Session {session_id} of this schedule has not ended yet.",
    )
    writes.cancel_session(session_id)
    another = body(client.post(f"{address}/run"))["sessionId"]
    assert body(client.get(address))["lastSession"] == another
    assert body(client.get(address))["lastTime"] is None


def test_sessions_name_their_schedule_and_are_found_by_it(night: Night) -> None:
    client = night.client
    own = body(client.post(f"/api/v1/schedules/{night.id}/run"))["sessionId"]
    other = body(client.post("/api/v1/test-sessions", json=SESSION))["sessionId"]
    found = body(client.get(f"/api/v1/test-sessions?schedule={night.id}"))
    assert [session["id"] for session in found["sessions"]] == [own]
    named = [body(client.get(f"/api/v1/test-sessions/{each}"))["schedule"] for each in (own, other)]
    assert named == [night.id, None]
    assert body(client.get(f"/api/v1/test-sessions?schedule={UNKNOWN}"))["total"] == 0
    assert client.delete(f"/api/v1/schedules/{night.id}").status_code == 204
    assert body(client.get(f"/api/v1/test-sessions/{own}"))["schedule"] == night.id


def test_the_owner_of_a_schedule_owns_its_sessions(new_app: NewApp) -> None:
    app: Flask = new_app(api_keys=(KEY,))
    app.test_client_class = _WithKey
    night = Night(app)
    night.fire(DUE)
    [session] = night.sessions
    assert session.owner == night.stored.owner is not None


class _WithKey(FlaskClient):
    def open(self, *arguments: Any, **options: Any) -> Any:
        return super().open(*arguments, **{"headers": HEADER} | options)
