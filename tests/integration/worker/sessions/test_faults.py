"""Faults of a server in any phase of a test. The test fails with a typed error and advice; the next test completes."""

import re
import sys
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from redis import Redis

from common.environment.settings import forget
from common.errors import (
    OllamaHTTPError,
    OllamaUnreachable,
    TestFailure,
)
from common.ollama.client import Ollama
from common.store.changes import claims, writes
from common.store.reads import sessions
from common.store.tables import Phase, Session, Status, Test
from testbed.ollama_double import OllamaDouble, Script
from testbed.stored.sessions import OPTIONS, claim, create, model
from testbed.waiting import until
from tests.support.ollama.faults import LIMIT_S, MISSING, REQUESTS, Fault
from worker.procedure import point_runner
from worker.sessions.runner import SessionRunner
from worker.workload import retry

pytestmark = [pytest.mark.usefixtures("tables"), pytest.mark.slow]

TINY, OTHER = "tiny:latest", "other:latest"
TRIES = 2
ONCE = OPTIONS | {"maxRepetitions": 1}
LONGER_S = 1.5
"""Time limit of a test whose other requests have to keep it too."""
EMBEDDING = {"inputTokens": [16], "batchSize": [1], "contextLength": 512, "minRepetitions": 1, "maxRepetitions": 1}
SETTINGS = {"first_byte_s": "FIRST_BYTE_TIMEOUT", "silence_s": "SILENCE_TIMEOUT", "total_s": "REQUEST_TIMEOUT"}
DELETED = Fault(Script(404, MISSING), TestFailure, "Pull it there", retried=False)
CASES = {
    ("/api/show", "404"): DELETED,
    ("/api/show", "503"): REQUESTS["/api/show"]["503"],
    ("/api/tags", "reset"): REQUESTS["/api/tags"]["reset"],
    ("/api/ps", "hang"): REQUESTS["/api/ps"]["hang"],
    ("loading", "404"): REQUESTS["before the first token"]["404"],
    ("loading", "500"): REQUESTS["before the first token"]["500"],
    ("loading", "hang"): REQUESTS["before the first token"]["hang"],
    ("before the first token", "no http"): REQUESTS["before the first token"]["no http"],
    ("before the first token", "html"): REQUESTS["before the first token"]["html"],
    ("after the first token", "cut"): REQUESTS["after the first token"]["cut"],
    ("after the first token", "malformed line"): REQUESTS["after the first token"]["malformed line"],
    ("after the first token", "trickle"): REQUESTS["after the first token"]["trickle"],
    ("embedding", "error line"): REQUESTS["embedding"]["error line"],
}
"""One or two faults for each phase of a test. All faults are in ../ollama/test_faults.py."""


@dataclass
class Lab:
    """A lab that runs sessions. `ends` collects the errors that end tests, and `mend` is called then."""

    redis: Redis
    double: OllamaDouble
    ends: list[BaseException | None] = field(default_factory=list)
    mend: Callable[[], None] = lambda: None

    def run(self, session: Session, before_request: Callable[[], None] = lambda: None) -> list[Test]:
        SessionRunner(
            self.redis, claim(session), session, self.double.url, resumed=False, checkpoint=before_request
        ).run()
        return list(sessions.tests(session.id))


@pytest.fixture
def lab(redis: Redis, double: OllamaDouble, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    monkeypatch.setattr(retry, "BACKOFF_S", 0.001)
    monkeypatch.setattr(retry, "MAX_RETRIES", TRIES - 1)
    monkeypatch.setattr(point_runner, "MAX_RETRIES", TRIES - 1)
    double.models = TINY, OTHER
    double.last = {"eval_duration": 150_000_000, "prompt_eval_duration": 10_000_000}
    lab, fail = Lab(redis, double), writes.fail_test

    def failed(taken: claims.Claim, test: Test, message: str) -> None:
        lab.ends.append(sys.exception())
        lab.mend()
        fail(taken, test, message)

    monkeypatch.setattr(writes, "fail_test", failed)
    yield lab
    forget()


@contextmanager
def limited(limits: Collection[str]) -> Iterator[Callable[[], None]]:
    """Set time limits. Yield a function that removes them before the end of the block."""
    with pytest.MonkeyPatch.context() as patch:
        for name in limits:
            patch.setenv(SETTINGS[name], str(LONGER_S))
        if limits:
            patch.setattr(Ollama.__init__, "__defaults__", (LONGER_S, None))
        forget()

        def remove() -> None:
            patch.undo()
            forget()

        yield remove


def of_two_tests(first: str = "decode") -> Session:
    options = {"embedding": EMBEDDING}
    return create(test_types={name: options.get(name, ONCE) for name in (first, "prefill")})


def at_phase(session: Session, phase: Phase, strike: Callable[[], None]) -> Callable[[], None]:
    """Cause the fault before the first request of a phase."""
    left = [strike]

    def before_request() -> None:
        if left and sessions.tests(session.id)[0].phase == phase:
            left.pop()()

    return before_request


def struck(lab: Lab, phase: str, script: Script) -> list[Test]:
    """Run a session whose first test meets the fault in the phase at each attempt. Return its tests."""
    orders = [script] * TRIES
    if phase.startswith("/"):
        lab.double.order(*orders, to=phase)
        return lab.run(of_two_tests())
    session = of_two_tests("embedding" if phase == "embedding" else "decode")
    when = Phase.WARMING_UP if phase == "loading" else Phase.MEASURING
    return lab.run(session, at_phase(session, when, lambda: lab.double.order(*orders)))


@pytest.mark.parametrize(
    ("phase", "fault"), [pytest.param(phase, CASES[phase, name], id=f"{phase}-{name}") for phase, name in CASES]
)
def test_a_fault_ends_one_test_with_advice_and_the_session_goes_on(lab: Lab, phase: str, fault: Fault) -> None:
    left: list[int] = []
    with limited(fault.limits) as without_limits:

        def mend() -> None:
            orders = lab.double.other_scripts[phase] if phase.startswith("/") else lab.double.scripts
            left.append(len(orders))
            orders.clear()
            without_limits()  # the other test may take its time

        lab.mend = mend
        failed, completed = struck(lab, phase, fault.script)
    assert (failed.status, completed.status) == (Status.ERROR, Status.COMPLETED), (failed.message, completed.message)
    assert [type(error) for error in lab.ends] == [fault.error]
    says = fault.says.replace(f"{LIMIT_S} s", f"{LONGER_S} s")
    assert re.search(says, failed.message or ""), failed.message
    assert len(failed.message or "") < 1000
    assert left == [0 if fault.retried else TRIES - 1]


# The whole server


def test_a_dead_server_fails_each_test_in_any_phase(lab: Lab) -> None:
    for phase in (Phase.PREPARING, Phase.WARMING_UP, Phase.MEASURING):
        session = of_two_tests()
        tests = lab.run(session, at_phase(session, phase, lab.double.stop))
        assert [test.status for test in tests] == [Status.ERROR] * 2
        assert all("cannot be reached. Check that it is running" in (test.message or "") for test in tests)
        lab.double.start()
    assert {type(error) for error in lab.ends} == {OllamaUnreachable}


@pytest.mark.parametrize("phase", [Phase.PREPARING, Phase.WARMING_UP, Phase.MEASURING])
@pytest.mark.parametrize("within", [True, False])
def test_a_restarted_server_fails_no_test(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, phase: Phase, *, within: bool
) -> None:
    """Restart it during an answer or between requests. Open and kept connections are cut."""
    monkeypatch.setattr(retry, "MAX_RETRIES", 10)
    monkeypatch.setattr(point_runner, "MAX_RETRIES", 10)
    session, restarts = of_two_tests(), []

    def restart() -> None:
        lab.double.stop()
        lab.double.start()
        restarts.append(phase)

    def restart_after(requests: int) -> None:
        until(lambda: len(lab.double.requests) > requests, "the request that hangs")
        restart()

    def strike() -> None:
        if not within:
            restart()
            return
        lab.double.order(Script(at=3, then="hang"))
        before = len(lab.double.requests)
        threading.Thread(target=restart_after, args=(before,)).start()

    tests = lab.run(session, at_phase(session, phase, strike))
    assert [(test.status, test.message) for test in tests] == [(Status.COMPLETED, None)] * 2
    assert restarts == [phase]


@pytest.mark.parametrize("phase", [Phase.PREPARING, Phase.WARMING_UP, Phase.MEASURING])
def test_a_deleted_model_fails_only_its_own_tests(lab: Lab, phase: Phase) -> None:
    """It stays in memory and cannot be unloaded, so the next model's test is flagged."""
    session = create(models=[model(TINY), model(OTHER)])
    deleted, other = lab.run(session, at_phase(session, phase, lambda: lab.double.delete(TINY)))
    assert (deleted.status, other.status) == (Status.ERROR, Status.COMPLETED), other.message
    assert "not found. Pull the model on that host, and submit again." in (deleted.message or "")
    assert [type(error) for error in lab.ends] == [OllamaHTTPError]
    flagged = "other-model" in {verdict["name"] for verdict in (other.metrics or {})["verdicts"]}
    assert flagged == (TINY in lab.double.loaded)


def test_models_of_other_tests_are_unloaded_despite_failures(lab: Lab) -> None:
    session = create(models=[model(TINY), model(OTHER)])
    faulty = [Script(500, "busy"), Script(at=None, then="cut")]

    def strike() -> None:
        lab.double.order(faulty.pop(), to="/api/ps")

    tests = lab.run(session, at_phase(session, Phase.MEASURING, strike))
    assert [test.status for test in tests] == [Status.COMPLETED] * 2
    assert TINY not in lab.double.loaded
