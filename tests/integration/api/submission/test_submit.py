import json
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from redis import Redis
from rq.job import Job

from api.submission.placement import HostAvailability, place
from common.messaging import streams
from common.messaging.events import client_message
from common.messaging.jobs import queue
from common.messaging.redis import PROGRESS, inventory_of, progress_of
from common.ollama.replies import CHECK_RUNNING
from common.store.changes import writes
from common.store.reads import sessions
from common.store.tables import Session
from testbed.ollama_double import OllamaDouble
from testbed.stored.inventory import INVENTORY
from tests.integration.api.conftest import body
from tests.support.stored.sessions import HARDWARE, claimed, queued

BODY = {"models": ["tiny"], "testTypes": ["decode", "ttft"]}


def submit(client: FlaskClient, sent: object = BODY, key: str | None = None) -> Any:
    return client.post("/api/v1/test-sessions", json=sent, headers={"Idempotency-Key": key} if key else {})


def test_a_session_is_stored_queued_and_announced(client: FlaskClient, redis: Redis) -> None:
    answer = submit(client, BODY | {"name": "first", "tags": ["nightly"], "options": {"decode": {"outputTokens": 16}}})
    assert answer.status_code == 202
    assert body(answer)["status"] == "started"
    session_id = body(answer)["sessionId"]
    assert uuid.UUID(session_id).version == 7
    assert answer.headers["Location"] == f"/api/v1/test-sessions/{session_id}"
    session = sessions.session(session_id)
    assert session is not None
    assert (session.host, session.name, session.tags) == ("local", "first", ["nightly"])
    assert session.models[0]["name"] == "tiny:latest"
    assert session.models[0]["tags"] == ["latest", "llama", "3.49M", "F16", "completion"]
    assert [(test.test_type, test.options["outputTokens"]) for test in session.tests] == [("decode", 16), ("ttft", 16)]
    assert Job.fetch(session_id, connection=redis, serializer="json").args == [session_id]
    [kept] = streams.read(redis, PROGRESS)
    assert [kept] == streams.read(redis, progress_of(session_id))
    message = client_message(kept)
    assert {name: message[name] for name in ("type", "sessionId", "phase", "progress", "session")} == {
        "type": "progress",
        "sessionId": session_id,
        "phase": "queued",
        "progress": 0.0,
        "session": {"status": "running", "progress": 0.0, "completedTests": 0, "failedTests": 0, "totalTests": 2},
    }


def test_the_order_of_runs_is_the_clients_choice(client: FlaskClient) -> None:
    orders = [body(submit(client, BODY | chosen))["sessionId"] for chosen in ({}, {"order": "interleaved"})]
    stored = [body(client.get(f"/api/v1/test-sessions/{session_id}"))["order"] for session_id in orders]
    assert stored == ["sequential", "interleaved"]
    answer = submit(client, BODY | {"order": "random"})
    assert answer.status_code == 422
    assert body(answer)["details"] == {"order": ["Must be one of: sequential, interleaved."]}


def test_the_effort_sets_how_often_each_point_is_measured(client: FlaskClient) -> None:
    options = {"decode": {"maxRepetitions": 5}}
    session = sessions.session(body(submit(client, BODY | {"effort": "quick", "options": options}))["sessionId"])
    assert session is not None
    assert session.effort == "quick"
    names = ("minRepetitions", "maxRepetitions", "precision")
    assert [[test.options[name] for name in names] for test in session.tests] == [[3, 5, 2], [3, 3, 2]]


def test_a_repeated_session_is_as_many_sessions_one_after_the_other(client: FlaskClient) -> None:
    answer = body(submit(client, BODY | {"repeat": 3}, "key"))
    ids = [session["sessionId"] for session in answer["sessions"]]
    assert len(ids) == 3
    stored = list(Session.select().order_by(Session.id))
    assert [session.id for session in stored] == ids
    assert {session.group for session in stored} == {answer["group"]}
    assert body(submit(client, BODY | {"repeat": 3}, "key"))["sessions"] == answer["sessions"]


def test_a_request_from_before_a_field_existed_is_known_again(client: FlaskClient) -> None:
    first = body(submit(client, BODY, "key"))["sessionId"]
    assert body(submit(client, BODY | {"effort": "standard", "repeat": 1.0}, "key"))["sessionId"] == first


def test_several_values_of_an_option_are_kept_as_a_list(client: FlaskClient) -> None:
    for given, kept in (({}, [128, 512, 1024]), ({"promptTokens": 99}, [99]), ({"promptTokens": [256, 32]}, [256, 32])):
        answer = submit(client, {"models": ["tiny"], "testTypes": ["ttft"], "options": {"ttft": given}})
        session = body(client.get(answer.headers["Location"]))
        assert session["models"][0]["tests"][0]["options"]["promptTokens"] == kept


def test_null_is_as_if_it_were_absent(client: FlaskClient) -> None:
    nulls = dict.fromkeys(("name", "host", "order", "tags", "options"))
    answers = [submit(client, {"models": ["tiny"], "testTypes": ["decode"], **more}, "key") for more in ({}, nulls)]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert body(answers[0])["sessionId"] == body(answers[1])["sessionId"]


def test_its_hardware_is_there_from_the_submission(client: FlaskClient, redis: Redis) -> None:
    redis.set(inventory_of("local"), json.dumps(INVENTORY))
    submitted = submit(client)
    assert body(client.get(submitted.headers["Location"]))["hardware"] == HARDWARE
    for text in (INVENTORY["cpu"]["model"], HARDWARE["fingerprint"]["id"]):
        [found] = body(client.get("/api/v1/test-sessions", query_string={"search": text}))["sessions"]
        assert (found["id"], found["hardware"]) == (body(submitted)["sessionId"], HARDWARE)
    assert not sessions.has_begun(found["id"])


def test_it_says_what_it_waits_for(client: FlaskClient, redis: Redis) -> None:
    first = submit(client)
    assert body(first)["message"] == "waiting for a worker: none is running; start one with python -m worker"
    assert body(client.get(first.headers["Location"]))["message"] == body(first)["message"]
    [(_, published)] = streams.read(redis, progress_of(body(first)["sessionId"]))
    assert published["message"] == body(first)["message"]
    redis.sadd("rq:workers:sessions", "rq:worker:one")
    assert body(submit(client))["message"] == "waiting: 1 session is ahead on host local"
    assert body(submit(client))["message"] == "waiting: 2 sessions are ahead on host local"
    Session.delete().execute()
    assert body(submit(client))["message"] == "starting now"
    Session.delete().execute()
    claimed(queued(host="other"))
    busy = "waiting for a free worker: the only worker is busy; start another with python -m worker"
    assert body(submit(client))["message"] == busy
    Session.delete().execute()


def test_the_same_key_and_body_give_the_same_session(client: FlaskClient, ollama: OllamaDouble, redis: Redis) -> None:
    first = submit(client, BODY, "key 1")
    ollama.models = ()  # Ollama is not asked again
    again = submit(client, BODY | {"tags": []}, "key 1")
    assert again.status_code == 202
    assert body(again)["sessionId"] == body(first)["sessionId"]
    assert Session.select().count() == 1
    assert redis.xlen(PROGRESS) == 1
    other = submit(client, BODY | {"name": "x"}, "key 1")
    assert (other.status_code, body(other)["status"]) == (409, 409)


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_a_key_has_1_to_255_characters(client: FlaskClient, key: str) -> None:
    answer = client.post("/api/v1/test-sessions", json=BODY, headers={"Idempotency-Key": key})
    assert answer.status_code == 422
    assert body(answer)["details"] == {"Idempotency-Key": ["must have 1 to 255 characters"]}


def test_ollama_away_nothing_is_kept(client: FlaskClient, redis: Redis) -> None:
    answer = submit(client, BODY | {"host": "other"})
    assert answer.status_code == 503
    away = f"other: Ollama at http://127.0.0.1:1 cannot be reached. {CHECK_RUNNING}"
    assert (body(answer)["message"], body(answer)["details"]) == (f"nothing was stored: {away}", {"host": [away]})
    assert Session.select().count() == 0
    assert redis.keys() == []


def test_who_gets_the_earlier_id_is_earlier_on_the_queue(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first is held between its id and the queue until the second has passed it, or could have."""
    create, enqueue = writes.create_sessions, queue.enqueue
    both, overtaken = threading.Barrier(2), threading.Event()
    places: list[str] = []
    calls = count()

    def together(models: list[str], wanted: str | None) -> dict[str, HostAvailability]:
        found = place(models, wanted)
        both.wait(20)
        return found

    def held(asked: list[writes.NewSession]) -> tuple[list[Session], bool]:
        is_first = next(calls) == 0
        created = create(asked)
        if is_first:
            overtaken.wait(0.5)
        return created

    def noted(redis: Redis, session_id: str, host: str) -> None:
        places.append(session_id)
        overtaken.set()
        enqueue(redis, session_id, host)

    monkeypatch.setattr("api.submission.submit.place", together)
    monkeypatch.setattr(writes, "create_sessions", held)
    monkeypatch.setattr(queue, "enqueue", noted)
    with ThreadPoolExecutor() as clients:
        answers = list(clients.map(submit, [app.test_client() for _ in range(2)]))
    assert [answer.status_code for answer in answers] == [202, 202]
    assert places == sorted(places)
