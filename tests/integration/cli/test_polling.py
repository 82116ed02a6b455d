"""A session is followed where WebSockets are blocked."""

import pytest

from cli.progress import messages as followed
from cli.server.client import Client
from cli.server.configuration import connection
from common.store.changes import writes
from testbed.servers.api_server import ApiServer
from tests.integration.cli.conftest import KEY
from tests.support.stored.sessions import METRICS, claimed, queued

pytestmark = pytest.mark.usefixtures("redis", "stored")


def test_the_state_is_polled_until_the_session_ends(served: ApiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    def blocked(*_: object) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(followed, "received", blocked)
    monkeypatch.setattr(followed, "POLL_S", 0)
    session = queued("tiny:latest")
    claim, tests = claimed(session)
    seen = followed.messages(Client(connection(f"http://{served.address}", KEY, {})), session.id)
    received = [(next(seen)["testType"], None) for _ in tests]
    assert {name for name, _ in received} == {"decode", "ttft"}
    assert next(seen)["session"]["status"] == "running"
    for test in tests:
        writes.complete_test(claim, test, METRICS)
    writes.finish_session(claim)
    rest = list(seen)
    assert [message["testType"] for message in rest if message["type"] == "complete"] == ["decode", "ttft", ""]
    assert rest[-1]["session"] == {"status": "completed", "progress": 100.0}
