"""Each fault of a server at each phase of a test: that test ends with a typed error and advice, and the next completes.

What stops a fault from filling the memory is in test_memory_bounds.py.
"""

import re
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import pytest
from redis import Redis

from common.config import settings
from common.errors import (
    GaitError,
    OllamaError,
    OllamaHTTPError,
    OllamaProtocolError,
    OllamaTimeout,
    OllamaUnreachable,
    TestFailure,
)
from common.ollama.client import Ollama
from common.store import claims, sessions, writes
from common.store.tables import Phase, Session, Status, Test
from common.timeouts import TimeLimits
from testbed.ollama_double import GARBAGE, OllamaDouble, Script, error_line
from testbed.sessions import OPTIONS, claim, create, model
from worker.ollama.client import Driver, Request
from worker.procedure import point_runner
from worker.sessions.runner import SessionRunner
from worker.workload import retry

pytestmark = [pytest.mark.usefixtures("tables"), pytest.mark.slow]

TINY, OTHER = "tiny:latest", "other:latest"
LIMIT_S = "0.3"
TRIES = 2
ONCE = OPTIONS | {"maxRepetitions": 1}
EMBEDDING = {"inputTokens": [16], "batchSize": [1], "contextLength": 512, "minRepetitions": 1, "maxRepetitions": 1}

Strike = Callable[[OllamaDouble], None]


@dataclass(frozen=True)
class Fault:
    """What a server does, the error that comes of it, and what that says; one that may pass is `retried`."""

    script: Script
    error: type[GaitError]
    says: str
    retried: bool = True
    limits: dict[str, str] = field(default_factory=dict)


HUNG = {"FIRST_BYTE_TIMEOUT": LIMIT_S, "SILENCE_TIMEOUT": LIMIT_S}
TRICKLES = {"REQUEST_TIMEOUT": LIMIT_S}
MISSING = "model 'tiny:latest' not found"

# Before the first token, when there may be no answer yet, and when it has begun.
BEFORE = {
    "reset": Fault(Script(at=None, then="cut"), OllamaUnreachable, "closed the connection before it answered. It may"),
    "hang": Fault(
        Script(at=None, then="hang"),
        OllamaTimeout,
        "sent nothing for 0.3 s after a request. .* If it is only slow, raise FIRST_BYTE_TIMEOUT",
        limits=HUNG,
    ),
    "trickling head": Fault(
        Script(at=None, then="trickle"),
        OllamaTimeout,
        "had not finished its response 0.3 s .* raise REQUEST_TIMEOUT",
        retried=False,
        limits=TRICKLES,
    ),
    "no http": Fault(
        Script(at=None, then=GARBAGE), OllamaProtocolError, "did not answer in HTTP. Check that it is an Ollama"
    ),
    "404": Fault(Script(404, MISSING), OllamaHTTPError, rf"{MISSING}\. Pull the model on that host", retried=False),
    "500": Fault(Script(500, "runner died"), OllamaHTTPError, r"answered 500: runner died\. Its log has"),
    "503": Fault(Script(503, "server busy"), OllamaHTTPError, r"503: server busy\. It is overloaded"),
    "empty": Fault(Script(then="end"), OllamaProtocolError, "server's response is empty. Its log has the cause"),
    "html": Fault(
        Script(then=GARBAGE, content_type="text/html"),
        OllamaProtocolError,
        r"http://.* is not an Ollama: content type text/html\. Check the URL and any proxy",
    ),
}
WITHIN = {
    "hang within": Fault(
        Script(then="hang"),
        OllamaTimeout,
        "sent nothing for 0.3 s within a response. .* If it is only slow, raise SILENCE_TIMEOUT",
        limits=HUNG,
    ),
    "trickle": replace(BEFORE["trickling head"], script=Script(then="trickle")),
    "cut": Fault(Script(then="cut"), OllamaProtocolError, "cut its response short. It or its runner may have crashed"),
    "malformed line": Fault(
        Script(then=GARBAGE),
        OllamaProtocolError,
        r"Unexpected response from http://.*<html>.* is not valid JSON\. Check the URL",
    ),
    "deep line": Fault(
        Script(then=b"[" * 50_000 + b"\n"), OllamaProtocolError, r"Unexpected .* is nested too deeply\."
    ),
    "error line": Fault(
        Script(then=error_line("out of memory")), OllamaProtocolError, "ended the stream with: out of memory. Its log"
    ),
    "endless line": Fault(
        Script(then="endless"), OllamaProtocolError, r"Unexpected .* a line has more than 4194304 bytes\."
    ),
    "endless stream": Fault(
        Script(then="tokens"), OllamaProtocolError, r"Unexpected .* it has more than 67108864 bytes\."
    ),
    "gigabyte": Fault(
        Script(then="gigabyte"), OllamaProtocolError, r"Unexpected .* a line has more than 4194304 bytes\."
    ),
}
"""For a stream; a whole answer that is no stream says the same in the words of its own below."""

TOO_LONG = "it has more than 67108864 bytes"
EMBEDDING_SAYS = {"error line": "ended the stream with: out of memory", "endless line": TOO_LONG, "gigabyte": TOO_LONG}
ASKED = {
    "hang": replace(BEFORE["hang"], error=OllamaUnreachable, says="did not answer in time. Check that it is running"),
    "html": BEFORE["html"],
    "empty": replace(BEFORE["empty"], says=r"Unexpected response from .*\. Check the URL"),
    "malformed": replace(WITHIN["malformed line"], says="<html>.* is not valid JSON. Check the URL"),
    "deep": WITHIN["deep line"],
    "cut within": WITHIN["cut"],
    "endless": replace(WITHIN["endless line"], says=r"Unexpected .* it has more than 8388608 bytes\."),
    "gigabyte": replace(WITHIN["gigabyte"], says=r"Unexpected .* it has more than 8388608 bytes\."),
    **{
        name: replace(
            BEFORE["hang"], script=Script(at=at, then="trickle"), error=OllamaUnreachable, says="in time. Check"
        )
        for name, at in (("trickling head", None), ("trickle", 0))
    },
}


def at_token(faults: dict[str, Fault], at: int) -> dict[str, Fault]:
    return {name: replace(fault, script=replace(fault.script, at=at)) for name, fault in faults.items()}


PHASES: dict[str, dict[str, Fault]] = {
    "/api/show": BEFORE | ASKED | {"404": Fault(Script(404, MISSING), TestFailure, "pull it there", retried=False)},
    "/api/tags": BEFORE | ASKED,
    "/api/ps": BEFORE | ASKED,
    "loading": BEFORE | WITHIN,
    "before the first token": BEFORE | at_token(WITHIN, 0),
    "after the first token": at_token(WITHIN, 5),
    "embedding": BEFORE | {n: replace(f, says=EMBEDDING_SAYS.get(n, f.says)) for n, f in WITHIN.items()},
}
STREAMS_ONLY = {("embedding", "endless stream")}
CASES = [
    pytest.param(phase, fault, id=f"{phase}-{name}")
    for phase, faults in PHASES.items()
    for name, fault in faults.items()
    if (phase, name) not in STREAMS_ONLY
]


@dataclass
class Lab:
    """Runs sessions; what ends a test stands in `ends`, and `mend` is called then."""

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
    settings.cache_clear()


def limited(monkeypatch: pytest.MonkeyPatch, limits: dict[str, str]) -> None:
    for name, value in limits.items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    if limits:
        monkeypatch.setattr(Ollama.__init__, "__defaults__", (float(LIMIT_S),))


def of_two_tests(first: str = "decode") -> Session:
    options = {"embedding": EMBEDDING}
    return create(test_types={name: options.get(name, ONCE) for name in (first, "prefill")})


def at_phase(session: Session, phase: Phase, strike: Callable[[], None]) -> Callable[[], None]:
    """Strikes before the first request of a phase."""
    left = [strike]

    def before_request() -> None:
        if left and sessions.tests(session.id)[0].phase == phase:
            left.pop()()

    return before_request


def struck(lab: Lab, phase: str, script: Script) -> list[Test]:
    """The tests of a session whose first one meets the fault at the phase, as often as it tries."""
    orders = [script] * TRIES
    if phase.startswith("/"):
        lab.double.order(*orders, to=phase)
        return lab.run(of_two_tests())
    session = of_two_tests("embedding" if phase == "embedding" else "decode")
    when = Phase.WARMING_UP if phase == "loading" else Phase.MEASURING
    return lab.run(session, at_phase(session, when, lambda: lab.double.order(*orders)))


@pytest.mark.parametrize(("phase", "fault"), CASES)
def test_a_fault_ends_one_test_with_advice_and_the_session_goes_on(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, phase: str, fault: Fault
) -> None:
    limited(monkeypatch, fault.limits)
    left: list[int] = []

    def mend() -> None:
        orders = lab.double.questions[phase] if phase.startswith("/") else lab.double.scripts
        left.append(len(orders))
        orders.clear()

    lab.mend = mend
    failed, completed = struck(lab, phase, fault.script)
    assert (failed.status, completed.status) == (Status.ERROR, Status.COMPLETED), (failed.message, completed.message)
    assert [type(error) for error in lab.ends] == [fault.error]
    assert re.search(fault.says, failed.message or ""), failed.message
    assert len(failed.message or "") < 1000
    assert left == [0 if fault.retried else TRIES - 1]


# The whole server


def test_a_server_that_is_gone_for_good_says_so_in_each_test_at_whatever_phase(lab: Lab) -> None:
    for phase in (Phase.PREPARING, Phase.WARMING_UP, Phase.MEASURING):
        session = of_two_tests()
        tests = lab.run(session, at_phase(session, phase, lab.double.stop))
        assert [test.status for test in tests] == [Status.ERROR] * 2
        assert all("cannot be reached. Check that it is running" in (test.message or "") for test in tests)
        lab.double.start()
    assert {type(error) for error in lab.ends} == {OllamaUnreachable}


@pytest.mark.skipif("sys.platform != 'linux'", reason="elsewhere a full queue refuses")
def test_a_server_that_takes_no_connection_says_which_setting_is_for_it() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as busy, socket.create_connection(busy.getsockname()):
        url = f"http://127.0.0.1:{busy.getsockname()[1]}"
        with pytest.raises(
            OllamaTimeout, match=r"took no connection.* within 0\.3 s: .* raise CONNECT_TIMEOUT"
        ) as late:
            Driver(Ollama(url), TimeLimits(connect_s=0.3)).generate(Request(TINY, "x", 1, 512))
    assert late.value.retry_helps


@pytest.mark.parametrize("phase", [Phase.PREPARING, Phase.WARMING_UP, Phase.MEASURING])
@pytest.mark.parametrize("within", [True, False])
def test_a_server_that_is_restarted_costs_no_test(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, phase: Phase, *, within: bool
) -> None:
    """While it answers, or between two requests: what was open is cut, and connections that were kept are dead."""
    monkeypatch.setattr(retry, "MAX_RETRIES", 10)
    monkeypatch.setattr(point_runner, "MAX_RETRIES", 10)
    session, restarts = of_two_tests(), []

    def restart() -> None:
        lab.double.stop()
        lab.double.start()
        restarts.append(phase)

    def strike() -> None:
        if not within:
            restart()
            return
        lab.double.order(Script(at=3, then="hang"))
        threading.Timer(0.1, restart).start()

    tests = lab.run(session, at_phase(session, phase, strike))
    assert [(test.status, test.message) for test in tests] == [(Status.COMPLETED, None)] * 2
    assert restarts == [phase]


@pytest.mark.parametrize("phase", [Phase.PREPARING, Phase.WARMING_UP, Phase.MEASURING])
def test_a_model_that_is_deleted_in_mid_session_fails_its_own_tests_alone(lab: Lab, phase: Phase) -> None:
    """Even where it stays in memory, from where nobody can unload it: the next model's test says that it was there."""
    session = create(models=[model(TINY), model(OTHER)])
    deleted, other = lab.run(session, at_phase(session, phase, lambda: lab.double.delete(TINY)))
    assert (deleted.status, other.status) == (Status.ERROR, Status.COMPLETED), other.message
    assert "not found. Pull the model on that host, and submit again." in (deleted.message or "")
    assert [type(error) for error in lab.ends] == [OllamaHTTPError]
    flagged = "other-model" in {verdict["name"] for verdict in other.metrics["verdicts"]}
    assert flagged == (TINY in lab.double.loaded)


def test_what_a_test_leaves_in_memory_is_put_out_however_often_the_server_fails(lab: Lab) -> None:
    session = create(models=[model(TINY), model(OTHER)])
    faulty = [Script(500, "busy"), Script(at=None, then="cut")]

    def strike() -> None:
        lab.double.order(faulty.pop(), to="/api/ps")

    tests = lab.run(session, at_phase(session, Phase.MEASURING, strike))
    assert [test.status for test in tests] == [Status.COMPLETED] * 2
    assert TINY not in lab.double.loaded


def test_no_fault_is_an_error_of_the_program() -> None:
    """Whatever has no type of its own would end the session, not the test."""
    faults = [fault for phase in PHASES.values() for fault in phase.values()]
    assert all(issubclass(fault.error, OllamaError | TestFailure) for fault in faults)
