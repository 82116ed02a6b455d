"""Sessions for any host, and for all of them."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from redis import Redis
from rq.job import Job

from api.submission.queue_status import QUEUED_LATER
from common.messaging.jobs import queue
from common.messaging.redis import PROGRESS
from common.messaging.redis_errors import RedisUnavailable
from common.store.changes import writes
from common.store.reads import sessions
from common.store.tables import Session
from testbed.ollama_double import OllamaDouble
from tests.integration.api.conftest import NewApp, body
from tests.support.stored.sessions import claimed, queued

BODY = {"models": ["tiny"], "testTypes": ["decode"]}
ANY, ALL = BODY | {"host": "any"}, BODY | {"host": "all"}
NOBODY = "http://127.0.0.1:1"


@pytest.fixture
def other() -> Iterator[OllamaDouble]:
    """Yield the Ollama of the host `b`."""
    with OllamaDouble("tiny:latest", "big:latest") as double:
        yield double


@pytest.fixture
def client(new_app: NewApp, ollama: OllamaDouble, other: OllamaDouble) -> FlaskClient:
    """Of an API with the hosts `a` and `b`, both there."""
    return new_app(ollama_hosts={"a": ollama.url, "b": other.url}).test_client()


def submit(client: FlaskClient, sent: object, key: str | None = None) -> Any:
    return client.post("/api/v1/test-sessions", json=sent, headers={"Idempotency-Key": key} if key else {})


def host_of(answer: Any) -> str:
    assert answer.status_code == 202, answer.text
    [placed] = body(answer)["sessions"]
    assert (placed["sessionId"], body(answer)["group"]) == (body(answer)["sessionId"], None)
    return str(placed["host"])


def assert_nothing_is_kept(redis: Redis) -> None:
    assert Session.select().count() == 0
    assert redis.keys() == []


# Any host


def test_any_is_the_one_with_the_shortest_queue(client: FlaskClient) -> None:
    assert [host_of(submit(client, ANY)) for _ in range(4)] == ["a", "b", "a", "b"]
    claimed(queued(host="a"))
    assert [host_of(submit(client, ANY)) for _ in range(2)] == ["b", "a"]  # what runs counts as what waits
    for session in sessions.unfinished("b"):
        writes.cancel_session(session.id)
    assert host_of(submit(client, ANY)) == "b"


def test_any_is_one_that_has_all_the_models(client: FlaskClient) -> None:
    queued(host="b")
    assert host_of(submit(client, ANY | {"models": ["tiny", "big"]})) == "b"


def test_any_passes_over_who_is_away(new_app: NewApp, ollama: OllamaDouble) -> None:
    client = new_app(ollama_hosts={"a": NOBODY, "b": ollama.url}).test_client()
    queued(host="b")
    assert host_of(submit(client, ANY)) == "b"


def test_any_finds_none_that_has_them_all(client: FlaskClient, redis: Redis) -> None:
    answer = submit(client, ANY | {"models": ["small", "big"]})
    assert answer.status_code == 422
    assert body(answer)["details"] == {
        "models": [
            "big:latest: not on host a; installed are tiny:latest, small:latest",
            "small:latest: not on host b; installed are tiny:latest, big:latest",
        ]
    }
    assert_nothing_is_kept(redis)


def test_any_and_all_where_nobody_is_there(new_app: NewApp, redis: Redis) -> None:
    client = new_app(ollama_hosts={"a": NOBODY, "b": NOBODY}).test_client()
    for sent in (ANY, ALL):
        answer = submit(client, sent)
        away = [
            f"{host}: Ollama at {NOBODY} cannot be reached. Check that it is running and that OLLAMA_HOSTS names it."
            for host in ("a", "b")
        ]
        assert body(answer) == {
            "status": 503,
            "message": f"nothing was stored: {'; '.join(away)}",
            "details": {"host": away},
        }
    assert_nothing_is_kept(redis)


def test_any_with_a_key_stays_where_it_was_placed(client: FlaskClient) -> None:
    first = submit(client, ANY, "k")
    queued(host="a")
    again = submit(client, ANY, "k")
    assert (host_of(first), host_of(again)) == ("a", "a")
    assert body(again)["sessionId"] == body(first)["sessionId"]


# All hosts


def test_all_is_a_session_on_every_host(client: FlaskClient, redis: Redis) -> None:
    answer = submit(client, ALL | {"name": "both", "tags": ["x"]})
    assert answer.status_code == 202
    answered = body(answer)
    assert [placed["host"] for placed in answered["sessions"]] == ["a", "b"]
    assert answered["sessions"][0]["sessionId"] == answered["sessionId"]
    assert answer.headers["Location"] == f"/api/v1/test-sessions/{answered['sessionId']}"
    for placed in answered["sessions"]:
        session = body(client.get(f"/api/v1/test-sessions/{placed['sessionId']}"))
        assert (session["host"], session["group"], session["name"]) == (placed["host"], answered["group"], "both")
        assert Job.fetch(placed["sessionId"], connection=redis, serializer="json").rate_limit_key == (
            f"host:{placed['host']}"
        )
    assert redis.xlen(PROGRESS) == 2
    listed = body(client.get(f"/api/v1/test-sessions?group={answered['group']}"))
    assert listed["total"] == 2
    assert body(submit(client, ALL))["group"] != answered["group"]


def test_all_needs_every_host(new_app: NewApp, ollama: OllamaDouble, other: OllamaDouble, redis: Redis) -> None:
    client = new_app(ollama_hosts={"a": ollama.url, "b": other.url, "c": NOBODY}).test_client()
    away = f"c: Ollama at {NOBODY} cannot be reached. Check that it is running and that OLLAMA_HOSTS names it."
    answer = submit(client, ALL | {"models": ["small"]})
    assert answer.status_code == 422
    assert body(answer)["details"] == {
        "models": ["small:latest: not on host b; installed are tiny:latest, big:latest"],
        "host": [away],
    }
    answer = submit(client, ALL)
    assert (answer.status_code, body(answer)["message"]) == (503, f"nothing was stored: {away}")
    assert_nothing_is_kept(redis)


def test_all_with_the_same_key_are_the_same_sessions(client: FlaskClient, ollama: OllamaDouble, redis: Redis) -> None:
    first = submit(client, ALL, "k")
    ollama.models = ()  # Ollama is not asked again
    again = submit(client, ALL, "k")
    assert {**body(again), "message": None} == {**body(first), "message": None}
    assert (Session.select().count(), redis.xlen(PROGRESS)) == (2, 2)
    assert submit(client, ANY, "k").status_code == 409
    second = body(first)["sessions"][1]["sessionId"]
    writes.cancel_session(second)
    writes.delete_session(second)
    assert body(submit(client, ALL, "k"))["sessions"] == body(first)["sessions"][:1]


def test_what_all_wait_for_is_told_by_host(client: FlaskClient, redis: Redis) -> None:
    assert "none is running" in body(submit(client, ALL))["message"]
    redis.sadd("rq:workers:sessions", "rq:worker:one")
    answered = body(submit(client, ALL))["message"]
    assert answered == (
        "a: waiting: 1 session is ahead on host a; b: waiting: 1 session is ahead on host b; "
        "they need 2 workers to run at the same time, and 1 is running"
    )
    redis.sadd("rq:workers:sessions", "rq:worker:two")
    Session.delete().execute()
    assert body(submit(client, ALL))["message"] == "starting now"


def test_a_queue_that_takes_the_first_only_gets_the_second_later(
    client: FlaskClient, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    enqueue = queue.enqueue

    def full_after_the_first(to: Redis, session_id: str, host: str) -> None:
        if host == "b":
            raise RedisUnavailable("Redis's memory is full.")
        enqueue(to, session_id, host)

    monkeypatch.setattr(queue, "enqueue", full_after_the_first)
    answer = submit(client, ALL, "k")
    assert (answer.status_code, Session.select().count()) == (202, 2)
    assert body(answer)["message"] == f"{QUEUED_LATER} Redis's memory is full."
    assert len(list(redis.scan_iter("rq:job:*"))) == 1
    monkeypatch.undo()
    assert body(submit(client, ALL, "k"))["sessions"] == body(answer)["sessions"]
    assert len(list(redis.scan_iter("rq:job:*"))) == 2


@pytest.mark.parametrize("name", ["TINY", "Tiny:Latest", "library/tiny", "registry.ollama.ai/library/tiny:latest"])
def test_a_model_is_found_under_each_of_its_names(client: FlaskClient, name: str) -> None:
    assert host_of(submit(client, {"models": [name], "testTypes": ["decode"]})) == "a"
    (session,) = sessions.unfinished("a")
    assert [model["name"] for model in session.models] == ["tiny:latest"]
    twice = submit(client, {"models": [name, "tiny"], "testTypes": ["decode"]})
    assert body(twice)["details"] == {"models": ["must not contain tiny:latest twice"]}
