"""One computer is measured by one session at a time, by whatever names it is known."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from redis import Redis
from rq.job import JobStatus
from rq.rate_limit import RateLimitRegistry

from api.submission import machines
from common.environment.servers.addresses import OllamaHost
from common.machines.grouping import Marks
from common.messaging.jobs import queue
from common.messaging.jobs.session_job import SessionJob
from common.store.changes import writes
from common.store.reads import sessions
from common.store.tables import Session
from testbed.ollama_double import OllamaDouble
from testbed.stored.queued import waiting
from tests.integration.api.conftest import NewApp, body
from tests.support.stored.sessions import claimed, queued

BODY = {"models": ["tiny"], "testTypes": ["decode"]}


@pytest.fixture
def url(ollama: OllamaDouble) -> str:
    return ollama.url


def submit(client: FlaskClient, host: str) -> list[str]:
    answer = client.post("/api/v1/test-sessions", json=BODY | {"host": host})
    assert answer.status_code == 202, answer.text
    return [placed["sessionId"] for placed in body(answer)["sessions"]]


def status_of(redis: Redis, session_id: str) -> JobStatus:
    return SessionJob.fetch(session_id, redis).get_status()


def age_job(redis: Redis, session: Session, seconds: int) -> None:
    """Let the session's job have been queued seconds ago."""
    job = SessionJob.fetch(session.id, redis)
    job.created_at -= timedelta(seconds=seconds)
    job.save()
    waiting_since = RateLimitRegistry(queue.rate_limit_key(session.machine), redis).rate_limited_key
    redis.zadd(waiting_since, {session.id: int(job.created_at.timestamp())}, xx=True)


@pytest.fixture
def client(new_app: NewApp, url: str) -> FlaskClient:
    """Return a client of an API with a machine under two names, and another machine."""
    names = {"a": OllamaHost(url, machine="desk"), "b": OllamaHost(url.replace("127.0.0.1", "localhost"))}
    return new_app(ollama_hosts={**names, "c": OllamaHost(url, machine="c")}).test_client()


def test_two_names_of_a_machine_share_its_turn(client: FlaskClient, redis: Redis) -> None:
    first, second, other = (submit(client, host)[0] for host in "abc")
    assert [status_of(redis, each) for each in (first, second, other)] == ["queued", "rate_limited", "queued"]
    redis.sadd("rq:workers:sessions", "rq:worker:one")
    answer = client.post("/api/v1/test-sessions", json=BODY | {"host": "b"})
    assert body(answer)["message"] == "waiting: 2 sessions are ahead on machine desk"
    found = {host["name"]: host["machine"] for host in body(client.get("/api/v1/hosts"))["hosts"]}
    assert found == {"a": "desk", "b": "desk", "c": "c"}
    assert "On one machine with b:" in client.get("/machines").text


def test_all_hosts_of_a_machine_are_measured_one_after_the_other(client: FlaskClient, redis: Redis) -> None:
    on_a, on_b, on_c = submit(client, "all")
    assert [status_of(redis, each) for each in (on_a, on_b, on_c)] == ["queued", "rate_limited", "queued"]
    redis.sadd("rq:workers:sessions", "rq:worker:one")
    answer = client.post("/api/v1/test-sessions", json=BODY | {"host": "all"})
    assert "they need 2 workers to run at the same time" in body(answer)["message"]


def test_any_host_is_one_whose_machine_has_the_shortest_queue(client: FlaskClient) -> None:
    placed = [sessions.session(submit(client, "any")[0]) for _ in range(4)]
    assert [session.host for session in placed if session] == ["a", "c", "a", "c"]


def test_a_restored_session_takes_the_same_turn(client: FlaskClient, redis: Redis) -> None:
    (first,), (second,) = submit(client, "a"), submit(client, "b")
    redis.flushdb()
    for session in Session.select().order_by(Session.id):
        assert queue.restore(redis, session.id, session.machine)
    assert [status_of(redis, each) for each in (first, second)] == ["queued", "rate_limited"]


@pytest.mark.parametrize("running", [False, True])
def test_a_new_session_waits_for_those_of_an_earlier_release(
    client: FlaskClient, redis: Redis, *, running: bool
) -> None:
    """Their jobs wait for each host alone: `a` and `b` waited at once."""
    earlier = [queued(host=host) for host in "bab"]
    for age, session in zip((3, 2, 1), earlier, strict=True):
        queue.enqueue(redis, session.id, session.host)
        age_job(redis, session, age)
    if running:
        claimed(earlier[0])
        SessionJob.fetch(earlier[0].id, redis).set_status(JobStatus.STARTED)
    (new,) = submit(client, "a")
    first, *others = [session.id for session in (earlier if running else [earlier[1], earlier[0], earlier[2]])]
    assert status_of(redis, first) == (JobStatus.STARTED if running else JobStatus.QUEUED)
    machine = Session.get_by_id(new).machine
    assert waiting(redis, machine) == sorted([*others, new])
    assert {session.machine for session in Session.select()} == {machine}


def test_waiting_sessions_get_one_turn_when_the_settings_change(
    new_app: NewApp, url: str, redis: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    apart = {"a": OllamaHost(url, machine="a"), "b": OllamaHost(url, machine="b")}
    client = new_app(ollama_hosts=apart).test_client()
    ids = [submit(client, host)[0] for host in "abab"]
    assert [status_of(redis, each) for each in ids] == ["queued", "queued", "rate_limited", "rate_limited"]
    together = {"a": OllamaHost(url, machine="a"), "b": OllamaHost(url, machine="a")}
    machines.unify(new_app(ollama_hosts=together, redis_url="redis://127.0.0.1:1"))
    assert "the machines of waiting sessions are not checked" in caplog.text
    machines.unify(new_app(ollama_hosts=together))
    assert [status_of(redis, each) for each in ids] == ["queued", *["rate_limited"] * 3]
    assert waiting(redis, "a") == ids[1:]


def test_a_machine_keeps_its_turn_when_dns_fails(
    client: FlaskClient, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    (first,) = submit(client, "a")
    monkeypatch.setattr("api.submission.machines.addresses", lambda _: frozenset[str]())
    machines._recent.clear()  # as in an API that has just started
    (second,) = submit(client, "b")
    assert [status_of(redis, each) for each in (first, second)] == ["queued", "rate_limited"]


def test_hosts_are_shown_while_redis_refuses_writes(client: FlaskClient, redis: Redis) -> None:
    redis.config_set("min-replicas-to-write", 1)
    try:
        assert [host["machine"] for host in body(client.get("/api/v1/hosts"))["hosts"]] == ["desk", "desk", "c"]
    finally:
        redis.config_set("min-replicas-to-write", 0)


def test_a_machine_keeps_its_turn_when_its_address_changes(
    new_app: NewApp, url: str, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its sessions wait behind those that were submitted before, until none is unfinished."""
    named = {"a": OllamaHost(url), "b": OllamaHost(url.replace("127.0.0.1", "localhost"))}
    client = new_app(ollama_hosts=named).test_client()
    _, on_b = submit(client, "a"), submit(client, "b")
    machines._recent.clear()
    moved: dict[str, Marks] = {"localhost": frozenset({"10.0.0.9"}), "127.0.0.1": frozenset({"10.0.0.8"})}
    monkeypatch.setattr("api.submission.machines.addresses", moved.__getitem__)
    monkeypatch.setattr("api.submission.machines.marks", lambda _, known: known)
    (again,) = submit(client, "b")
    assert Session.get_by_id(again).machine == "a"
    assert waiting(redis, "a") == [*on_b, again]
    for session in Session.select():
        writes.cancel_session(session.id)
    assert Session.get_by_id(submit(client, "b")[0]).machine == "b"
