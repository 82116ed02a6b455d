"""Unusual queries, bodies and headers, which are accepted or refused with an error, on SQLite and PostgreSQL."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.wrappers import Response

from common.store.database import database
from common.store.tables import Session
from tests.integration.api.conftest import NewApp
from tests.integration.api.fuzz.oddities import IDS, anything, in_a_url, query
from tests.support.stored.sessions import claimed, finished, queued

ROUTES = {
    "models": ["host"],
    "hardware": ["host"],
    "hosts": [],
    "test-types": [],
    "test-sessions": ["search", "tags", "host", "group", "page", "limit", "results"],
    "test-sessions/RUNNING": [],
    "test-sessions/RUNNING/telemetry": ["from", "to", "points"],
    "test-sessions/FINISHED/telemetry": ["from", "to", "points"],
    "test-results": [
        *("modelName", "testType", "hardwareConfig", "dateRange[start]", "dateRange[end]", "metrics", "page", "limit")
    ],
    "ws/test-progress": ["sessionId", "after"],
    "ws/hardware": ["host", "hz"],
}
BODY: dict[str, Any] = {
    "models": ["tiny"],
    "testTypes": ["decode"],
    "order": "sequential",
    "name": "a name",
    "tags": ["nightly"],
    "host": "local",
    "options": {"decode": {"outputTokens": 16}},
}
WHOLE = json.dumps(BODY).encode()
BYTES = {
    "nothing": b"",
    "no JSON": b"models=tiny",
    "half of it": WHOLE[:40],
    "two": WHOLE + WHOLE,
    "a byte order mark": b"\xef\xbb\xbf" + WHOLE,
    "UTF-16": WHOLE.decode().encode("utf-16"),
    "UTF-32": WHOLE.decode().encode("utf-32-be"),
    "Latin-1": '{"name": "é"}'.encode("latin-1"),
    "NUL": WHOLE + b"\0",
    "deep lists": b"[" * 30_000 + b"]" * 30_000,
    "lists without an end": b"[" * 60_000,
    "deep objects": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "depth within a field": b'{"options": {"decode": {"outputTokens": ' + b"[" * 20_000 + b"]" * 20_000 + b"}}}",
    "a key twice": b'{"name": "a", "name": "b"}',
    "a key twice, deep": b'{"options": {"decode": {"a": 1, "a": 2}}}',
    "a number of 60,000 digits": b"9" * 60_000,
    "a number beyond all floats": b'{"options": {"decode": {"outputTokens": 1e400}}}',
    "NaN": b'{"options": {"decode": {"outputTokens": NaN}}}',
    "Infinity": b"[Infinity, -Infinity]",
    "half a surrogate pair": b'{"models": ["\\ud800"], "testTypes": ["decode"], "name": "\\udfff"}',
    "raw half a surrogate pair": b'{"name": "\xed\xa0\x80"}',
    "a control character": b'{"name": "a\x01b"}',
    "NUL in a name": b'{"models": ["tiny"], "testTypes": ["decode"], "name": "a\\u0000b"}',
    "NUL in a tag": b'{"models": ["tiny"], "testTypes": ["decode"], "tags": ["a\\u0000b"]}',
    "NUL in an option": b'{"models": ["tiny"], "testTypes": ["decode"], "options": {"decode": {"a\\u0000": 1}}}',
    "a word": b'"models"',
    "null": b"null",
    "10,000 models": b'{"models": [' + b'"m",' * 10_000 + b'"m"], "testTypes": ["decode"]}',
    "64 KiB": b" " * (64 * 1024 - len(WHOLE)) + WHOLE,
    "a byte more": b" " * (64 * 1024 - len(WHOLE) + 1) + WHOLE,
}
CONTENT_TYPES = {
    "application/json": 202,
    "APPLICATION/JSON": 202,
    "application/json; charset=utf-8": 202,
    "application/json; charset=utf-16": 202,  # JSON is always UTF-8
    "application/vnd.api+json": 202,
    "": 415,
    "text/plain": 415,
    "application/x-www-form-urlencoded": 415,
    "multipart/form-data; boundary=x": 415,
    "application/json, text/html": 415,
    "json": 415,
    "é": 415,
    ";;;": 415,
}
DONE = {"a byte order mark", "UTF-16", "UTF-32", "64 KiB"}
PRINTABLE = "a name, überall 👋 e\u0301 \u202eשלום 𝕋 İıſ"  # noqa: RUF001 - these characters are what is tried

pytestmark = pytest.mark.slow
many_examples = settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


header_values = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=300)
"""Bytes, in WSGI's encoding."""


@pytest.fixture(params=["sqlite", "postgresql"])
def client(request: pytest.FixtureRequest, new_app: NewApp) -> Iterator[FlaskClient]:
    """Return a client of an application with a finished session and a running one."""
    url = {} if request.param == "sqlite" else {"database_url": request.getfixturevalue("postgresql_url")}
    app = new_app(**url)
    with database.connection_context():
        finished()
        claimed(queued())
    yield app.test_client()
    if request.param == "postgresql":
        database.close_all()


@pytest.fixture
def no_database(new_app: NewApp) -> FlaskClient:
    """Return a client for requests that are refused before any database matters."""
    return new_app().test_client()


@pytest.fixture
def guarded(new_app: NewApp) -> FlaskClient:
    return new_app(api_keys=("the key",)).test_client()


def fine(answer: Response) -> None:
    """Check that the response is a success or a valid error."""
    if answer.status_code >= 300:
        assert 400 <= answer.status_code < 500, answer.get_data(as_text=True)
        document = answer.get_json()
        assert {"status", "message"} <= document.keys() <= {"status", "message", "details"}
        assert document["status"] == answer.status_code
        assert document["message"]


def path_of(route: str) -> str:
    with database.connection_context():
        ids = {session.status.upper(): session.id for session in Session.select()}
    return "/api/v1/" + route.replace("RUNNING", ids["RUNNING"]).replace("FINISHED", ids["COMPLETED"])


@pytest.mark.parametrize("route", ROUTES)
@many_examples
@given(data=st.data())
def test_any_query_gets_a_response(client: FlaskClient, route: str, data: st.DataObject) -> None:
    answer = client.get(path_of(route), query_string=data.draw(query(ROUTES[route])))
    if route == "hardware" and answer.status_code == 503:
        assert "sampler" in answer.get_json()["message"]  # as documented
    else:
        fine(answer)


@many_examples
@given(name=st.sampled_from([*BODY, "another", "\0", "__class__"]), value=anything)
def test_a_body_with_any_value_is_accepted_or_refused(client: FlaskClient, name: str, value: Any) -> None:
    fine(client.post("/api/v1/test-sessions", json=BODY | {name: value}))


@many_examples
@given(body=anything)
def test_any_json_is_refused(no_database: FlaskClient, body: Any) -> None:
    answer = no_database.post("/api/v1/test-sessions", data=json.dumps(body), content_type="application/json")
    fine(answer)
    assert answer.status_code in {400, 422}


@many_examples
@given(body=st.binary(max_size=200))
def test_any_bytes_are_refused(no_database: FlaskClient, body: bytes) -> None:
    answer = no_database.post("/api/v1/test-sessions", data=body, content_type="application/json")
    fine(answer)
    assert answer.status_code in {400, 422}


def test_a_body_of_these_bytes_is_refused(client: FlaskClient) -> None:
    for name, sent in BYTES.items():
        answer = client.post("/api/v1/test-sessions", data=sent, content_type="application/json")
        fine(answer)
        assert (answer.status_code == 202) == (name in DONE), name


def test_texts_are_stored_unchanged(client: FlaskClient) -> None:
    tags = PRINTABLE.split(", ")
    answer = client.post("/api/v1/test-sessions", json=BODY | {"name": PRINTABLE, "tags": tags})
    session = client.get(answer.headers["Location"]).get_json()
    assert (session["name"], session["tags"]) == (PRINTABLE, tags)
    for wanted in ({"search": PRINTABLE}, {"tags": tags[1]}, {"search": "ÜBERALL"}):
        found = client.get("/api/v1/test-sessions", query_string=wanted).get_json()["sessions"]
        assert [each["id"] for each in found] == [session["id"]], wanted


@many_examples
@given(key=header_values)
def test_any_idempotency_key_is_accepted_or_refused(client: FlaskClient, key: str) -> None:
    answers = [client.post("/api/v1/test-sessions", json=BODY, headers={"Idempotency-Key": key}) for _ in range(2)]
    for answer in answers:
        fine(answer)
    if answers[0].status_code == 202:
        assert answers[0].get_json()["sessionId"] == answers[1].get_json()["sessionId"]


def test_a_content_type_is_json_or_refused(client: FlaskClient) -> None:
    for content_type, status in CONTENT_TYPES.items():
        answer = client.post("/api/v1/test-sessions", data=WHOLE, content_type=content_type)
        fine(answer)
        assert answer.status_code == status, content_type


@many_examples
@given(place=st.sampled_from(IDS) | in_a_url, method=st.sampled_from(["GET", "POST", "DELETE"]))
def test_any_url_gets_a_response(client: FlaskClient, place: str, method: str) -> None:
    for path in (f"/api/v1/test-sessions/{place}", f"/api/v1/{place}", f"/docs/{place}", f"/{place}"):
        with client.open(path, method=method) as answer:
            if answer.status_code not in {302, 308}:
                fine(answer)


@many_examples
@given(header=st.sampled_from(["X-API-Key", "Sec-WebSocket-Protocol"]), key=header_values)
def test_any_key_is_refused(guarded: FlaskClient, header: str, key: str) -> None:
    answer = guarded.get("/api/v1/models", headers={header: key})
    fine(answer)
    assert answer.status_code == 401
