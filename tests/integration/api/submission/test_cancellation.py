from flask.testing import FlaskClient
from redis import Redis
from rq.job import Job

from common.messaging import streams
from common.messaging.events import client_message
from common.messaging.jobs import queue
from common.messaging.redis import progress_of
from common.store.changes import writes
from common.store.reads import sessions
from tests.integration.api.conftest import NewApp, body, get
from tests.support.stored.sessions import METRICS, claimed, queued


def test_cancelling_ends_tests_and_publishes_it(client: FlaskClient, redis: Redis) -> None:
    session = queued("tiny:latest", "small:latest")
    queue.enqueue(redis, session.id, "local")
    claim, tests = claimed(session)
    writes.complete_test(claim, tests[0], METRICS)
    answer = client.post(f"/api/v1/test-sessions/{session.id}/cancel")
    assert answer.status_code == 202
    assert body(answer) == {"sessionId": session.id, "status": "error", "message": "cancelled by request"}
    assert not Job.exists(session.id, connection=redis)
    detail = get(client, f"/test-sessions/{session.id}")
    assert (detail["status"], detail["phase"]) == ("error", "cancelled")
    assert [test["phase"] for model in detail["models"] for test in model["tests"]] == ["finished"] + ["cancelled"] * 3
    published = [client_message(message) for message in streams.read(redis, progress_of(session.id))]
    assert [(event["type"], event["phase"], event["modelName"], event["testType"]) for event in published] == [
        ("error", "cancelled", "tiny:latest", "ttft"),
        ("error", "cancelled", "small:latest", "decode"),
        ("error", "cancelled", "small:latest", "ttft"),
    ]
    assert [(event["session"]["status"], event["session"]["completedTests"]) for event in published] == [
        ("running", 2),
        ("running", 3),
        ("error", 4),
    ]
    again = client.post(f"/api/v1/test-sessions/{session.id}/cancel")
    assert (again.status_code, body(again)["message"]) == (409, "The session has already ended with status error.")


def test_cancelling_between_the_last_test_and_the_end(client: FlaskClient, redis: Redis) -> None:
    session = queued()
    claim, tests = claimed(session)
    for test in tests:
        writes.complete_test(claim, test, METRICS)
    assert client.post(f"/api/v1/test-sessions/{session.id}/cancel").status_code == 202
    [(_, published)] = streams.read(redis, progress_of(session.id))
    assert (published["type"], published["testType"], published["session"]["status"]) == ("error", "", "error")


def test_cancelling_without_redis_changes_nothing(new_app: NewApp) -> None:
    client = new_app(redis_url="redis://127.0.0.1:1/0").test_client()
    session = queued()
    assert client.post(f"/api/v1/test-sessions/{session.id}/cancel").status_code == 503
    assert sessions.state(session.id).status == "running"
