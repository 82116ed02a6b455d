"""Redis that is away, or answers and refuses writes: what still works, what is refused and how, and nothing is lost."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from redis import Redis
from redis.exceptions import LockError
from rq.job import Job

from api.submission.queue_status import QUEUED_LATER
from common.errors import Unavailable
from common.messaging.redis import PROGRESS
from common.messaging.redis_errors import LASTING, NO_RESPONSE, PASSING, RedisUnavailable
from common.store.changes import writes
from common.store.reads import sessions
from common.store.tables import Session, Status
from testbed.servers.api_server import ApiServer
from testbed.servers.redis_states import STATES
from testbed.waiting import until
from tests.integration.api.conftest import HEADER, NewApp, body
from tests.integration.api.live.test_progress import numbers, publish, receive
from tests.support.formats.scrape import Figures
from tests.support.stored.sessions import queued

pytestmark = pytest.mark.slow

SESSION = {"models": ["tiny"], "testTypes": ["decode"]}
PATH = "/api/v1/test-sessions"
PAGES = ("/", "/new", "/compare", "/history", "/machines", "/machines/one")
READABLE = ("MISCONF", "READONLY", "OOM", "NOREPLICAS")


def assert_opens(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200, path
    assert "could not be shown" not in answer.text  # which also reads the page to its end


def assert_refused(answer: Any, problem: str) -> None:
    assert answer.status_code == 503
    assert problem in body(answer)["message"]
    assert "Traceback" not in body(answer)["message"]


@pytest.mark.parametrize("state", READABLE)
def test_what_needs_a_write_is_refused_and_the_rest_works(client: FlaskClient, redis: Redis, state: str) -> None:
    waiting = queued()
    problem = PASSING[state]
    with STATES[state](redis):
        ready = client.get("/readyz")
        assert_refused(ready, problem)
        assert body(ready)["details"] == {"redis": problem}
        refused = client.post(f"{PATH}/{waiting.id}/cancel")
        assert_refused(refused, problem)
        assert int(refused.headers["Retry-After"]) > 0
        stored = client.post(PATH, json=SESSION)
        assert stored.status_code == 202
        assert body(stored)["message"] == f"{QUEUED_LATER} {problem}"
        for path in (*PAGES, f"/sessions/{waiting.id}", PATH, "/api/v1/hosts", "/healthz"):
            assert_opens(client, path)
        assert Figures(client.get("/metrics").text).get("gait_up", part="redis") == 1
    kept = [waiting.id, body(stored)["sessionId"]]
    assert [(session.id, session.status) for session in Session.select()] == [(each, Status.RUNNING) for each in kept]
    assert client.get("/readyz").status_code == 200
    accepted = client.post(PATH, json=SESSION)
    assert accepted.status_code == 202
    assert Job.exists(body(accepted)["sessionId"], connection=redis)


def test_a_session_that_is_submitted_with_a_key_is_stored_once(client: FlaskClient, redis: Redis) -> None:
    header = {"Idempotency-Key": "k"}
    with STATES["READONLY"](redis):
        accepted = [body(client.post(PATH, json=SESSION, headers=header))["sessionId"]]
        assert not Job.exists(accepted[0], connection=redis)
    accepted += [body(client.post(PATH, json=SESSION, headers=header))["sessionId"] for _ in range(2)]
    assert {session.id for session in Session.select()} == set(accepted)
    assert Job.exists(accepted[0], connection=redis)


UNKNOWN_PLACE = "waiting; the position in the queue is unknown."


@pytest.mark.parametrize(
    ("step", "error", "says"),
    [
        ("api.submission.submit.events.publish", RedisUnavailable(NO_RESPONSE), f"{QUEUED_LATER} {NO_RESPONSE}"),
        ("api.submission.submit.queue.enqueue", RedisUnavailable(NO_RESPONSE), f"{QUEUED_LATER} {NO_RESPONSE}"),
        ("api.submission.submit.queue.enqueue", LockError("lost"), f"{QUEUED_LATER} {NO_RESPONSE}"),
        ("api.submission.queue_status.Worker.count", RedisUnavailable(NO_RESPONSE), f"{UNKNOWN_PLACE} {NO_RESPONSE}"),
        ("api.submission.queue_status.totals.before", Unavailable("It is away."), f"{UNKNOWN_PLACE} It is away."),
    ],
)
def test_a_stored_session_is_accepted_whatever_fails_after(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, step: str, error: Exception, says: str
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("api.submission.queue_status.Worker.count", lambda **_: 1)
    monkeypatch.setattr(step, fails)
    answer = client.post(PATH, json=SESSION)
    assert answer.status_code == 202
    assert body(answer)["message"] == says
    assert [session.id for session in Session.select()] == [body(answer)["sessionId"]]


@pytest.mark.parametrize("reads", ["work", "fail"])
def test_a_commit_that_is_not_confirmed(client: FlaskClient, monkeypatch: pytest.MonkeyPatch, reads: str) -> None:
    create = writes.create_sessions

    def unconfirmed(new: list[writes.NewSession]) -> None:
        create(new)
        if reads == "fail":
            monkeypatch.setattr(sessions, "session_alone", fails)
        fails()

    def fails(*_: object) -> None:
        raise Unavailable("It is away.")

    monkeypatch.setattr(writes, "create_sessions", unconfirmed)
    answer = client.post(PATH, json=SESSION)
    if reads == "fail":
        assert_refused(answer, "It is away. Whether the session was stored is unknown.")
    else:
        assert answer.status_code == 202
        assert [session.id for session in Session.select()] == [body(answer)["sessionId"]]


@pytest.mark.parametrize(
    ("url", "problem"),
    [("redis://127.0.0.1:1/0", NO_RESPONSE), ("redis://nobody:secret@{address}", LASTING["WRONGPASS"])],
)
def test_redis_that_answers_nothing(new_app: NewApp, redis_url: str, url: str, problem: str) -> None:
    address = redis_url.removeprefix("redis://")
    client = new_app(redis_url=url.format(address=address)).test_client()
    waiting = queued()
    for path in ("/hardware", "/hosts"):
        assert_refused(client.get(f"/api/v1{path}"), problem)
    stored = client.post(PATH, json=SESSION)
    assert (stored.status_code, body(stored)["message"]) == (202, f"{QUEUED_LATER} {problem}")
    assert body(client.get("/readyz"))["details"] == {"redis": problem}
    for path in (*PAGES, f"/sessions/{waiting.id}", PATH, "/healthz"):
        assert_opens(client, path)
    assert problem.partition(".")[0] in client.get("/machines").text
    assert Figures(client.get("/metrics").text).get("gait_up", part="redis") == 0
    assert {session.id for session in Session.select()} == {waiting.id, body(stored)["sessionId"]}


@pytest.mark.parametrize("state", ["MISCONF", "READONLY", "MASTERDOWN"])
def test_websockets_stay_open_and_miss_nothing(server: ApiServer, redis: Redis, state: str) -> None:
    early = server.connect(header=HEADER)
    published = publish(redis, 3)
    assert numbers(receive(early, 3)) == published
    with STATES[state](redis):
        during = server.connect("/ws/test-progress?after=0", header=HEADER)
        assert json.loads(server.get("/readyz").text)["details"]["redis"] in PASSING.values()
        redis.client_kill_filter(_type="pubsub")
    until(lambda: redis.pubsub_numsub(PROGRESS)[0][1], "a new subscription")
    more = publish(redis, 2)
    assert numbers(receive(early, 2)) == more
    assert numbers(receive(during, 5)) == published + more
    assert "Traceback" not in server.log.read_text()
