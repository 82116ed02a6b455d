"""After a request that was cut off, nothing is measured until the server has ended it."""

from collections.abc import Iterator

import pytest
import requests

from common.environment.settings import forget
from common.store.reads import sessions
from common.store.tables import LogLine, Phase, Run, Session, Status, Test
from testbed.ollama_double import OllamaDouble, Script
from tests.integration.worker.sessions.session_lab import Lab, of_types
from worker.procedure import settling

pytestmark = [pytest.mark.usefixtures("tables"), pytest.mark.slow]

TINY = "tiny:latest"
REST_MS = 400
HANGS, TRICKLES = Script(at=3, then="hang"), Script(at=3, then="trickle")
"""Answers that are cut off by time-outs, the second of which is not retried."""


@pytest.fixture(autouse=True)
def _limits(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("SILENCE_TIMEOUT", "0.2")
    monkeypatch.setenv("REQUEST_TIMEOUT", "2")
    forget()
    yield
    forget()


@pytest.fixture
def lab(lab: Lab) -> Lab:
    """Return a lab whose server goes on with a request for some time after its client has left."""
    lab.double.rest = REST_MS
    return lab


def cut_off(lab: Lab, script: Script = HANGS) -> None:
    """Order this answer to the first request that is measured."""
    left = [script]

    def at_first_run() -> None:
        if left and Test.select().where(Test.phase == Phase.MEASURING).exists():
            lab.double.order(left.pop())

    lab.checkpoint = at_first_run


def assert_one_by_one(double: OllamaDouble) -> None:
    """Check that each request began after the one before had ended on the server."""
    for before, after in zip(double.requests, double.requests[1:], strict=False):
        assert before.ended_ns is not None
        assert after.started_ns >= before.ended_ns


def waits() -> int:
    line = f"waiting until Ollama has ended the requests to {TINY}"
    return LogLine.select().where(LogLine.text.startswith(line)).count()


@pytest.mark.parametrize("test_type", ["decode", "cold-start", "prefill"])
def test_a_run_waits_for_the_rest_of_one_that_timed_out(lab: Lab, test_type: str) -> None:
    cut_off(lab)
    session = of_types(test_type)
    assert lab.run(session).status == Status.COMPLETED
    assert waits() == 1
    assert_one_by_one(lab.double)
    first = Run.select().order_by(Run.id).first()
    assert [verdict["name"] for verdict in first.record["rejected"]] == ["request-failed"]


def test_a_test_waits_for_the_rest_of_the_one_before(lab: Lab) -> None:
    session = of_types("decode", "ttft")
    cut_off(lab, TRICKLES)
    lab.run(session)
    failed, completed = sessions.tests(session.id)
    assert (failed.status, completed.status) == (Status.ERROR, Status.COMPLETED)
    assert_one_by_one(lab.double)
    assert waits() == 1


@pytest.mark.parametrize("by", ["another worker", "the next session"])
def test_after_a_kill_the_rest_of_the_last_request_is_waited_for(lab: Lab, by: str) -> None:
    session = of_types("decode")
    kill_within_a_request(lab, session)
    following = session if by == "another worker" else of_types("decode")
    assert lab.run(following, by="two", resumed=following is session).status == Status.COMPLETED
    assert waits() == 1
    assert_one_by_one(lab.double)


def kill_within_a_request(lab: Lab, session: Session) -> None:
    """End the worker while a request runs. The rest goes on, as the kernel closes the connection."""

    class Killed(BaseException):
        pass

    def die() -> None:
        if sessions.tests(session.id)[0].phase == Phase.MEASURING:
            lab.double.order(HANGS)
            body = {"model": TINY, "prompt": "1 of a killed worker", "options": {"num_ctx": 512}}
            with requests.post(f"{lab.double.url}/api/generate", json=body, stream=True, timeout=5) as answer:
                next(answer.iter_lines())
            raise Killed

    lab.checkpoint = die
    with pytest.raises(Killed):
        lab.run(session, by="one")
    lab.checkpoint = lambda: None


def test_a_server_that_never_becomes_idle_is_flagged(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settling, "MAX_WAIT_S", 0.05)
    lab.double.rest = 700
    cut_off(lab)
    session = of_types("decode")
    assert lab.run(session).status == Status.COMPLETED
    (test,) = sessions.tests(session.id)
    (flagged,) = [verdict for verdict in (test.metrics or {})["verdicts"] if verdict["name"] == "never-idle"]
    assert flagged["evidence"] == {"model": TINY, "waited": 50.0}
