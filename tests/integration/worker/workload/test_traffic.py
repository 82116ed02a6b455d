import threading
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import ClaimLost, OllamaHTTPError, Unavailable
from common.values.free_json import Json
from testbed.ollama_double import OllamaDouble, Script, Timing
from testbed.waiting import until
from tests.support.ollama.generations import MS
from tests.support.ollama.run_contexts import context_on
from worker.test_types.concurrency import Concurrency
from worker.verdicts.expected import Expected
from worker.workload import claim_monitor, retry
from worker.workload.prompts import PromptTemplate
from worker.workload.run_context import RunContext
from worker.workload.traffic import open_loop
from worker.workload.traffic.closed_loop import Users, closed_loop
from worker.workload.traffic.open_loop import arrivals_ns
from worker.workload.traffic.window import done_ns

pytestmark = pytest.mark.serial


TEMPLATE = PromptTemplate(words=5, fillers=0, ending="")
EXPECTED = Expected(None, 16)


@pytest.fixture
def context(double: OllamaDouble) -> RunContext:
    return context_on(double, Concurrency.test_type, users=1)


def users(number: int, duration_s: float = 0.0, requests: int = 0, think_ms: int = 0) -> Users:
    return Users(number, TEMPLATE.prompt, EXPECTED, "seed", duration_s, requests, think_ms)


def test_each_user_sends_the_next_request_after_an_answer(context: RunContext, double: OllamaDouble) -> None:
    load = users(3, requests=3)
    loop = closed_loop(context, load)
    assert len(double.requests) == len(loop.answers) >= 12
    assert double.max_concurrent <= 3
    for user in range(3):
        prompts = [load.prompt(user, number) for number in range(len(loop.answers))]
        own = [seen for seen in double.requests if seen.prompt in prompts]
        assert [seen.prompt for seen in own] == prompts[: len(own)]
        assert all((before.ended_ns or 0) <= after.started_ns for before, after in pairwise(own))


def end_together(double: OllamaDouble, requests: int) -> None:
    """End no answer before so many have begun. A load that does not send them at once fails."""

    def wait(_: Json) -> Json:
        until(lambda: double.max_concurrent >= requests, f"{requests} requests at once")
        return {}

    double.last_of = wait


def test_all_users_send_requests_at_once_over_connections_that_are_open(
    context: RunContext, double: OllamaDouble
) -> None:
    end_together(double, 8)
    closed_loop(context, users(8))
    assert double.max_concurrent == 8
    assert double.connections == 9  # one a user, and that of the context


def test_users_think_between_an_answer_and_the_next_request(context: RunContext, double: OllamaDouble) -> None:
    load = users(1, requests=4, think_ms=20)
    closed_loop(context, load)
    for number, (before, after) in enumerate(pairwise(double.requests), start=1):
        assert after.started_ns - (before.ended_ns or 0) >= load.think_ns(0, number)


def test_the_window_begins_when_each_user_was_answered_and_has_enough_answers_to_each(context: RunContext) -> None:
    loop = closed_loop(context, users(4, duration_s=0.05, requests=3))
    assert loop.window is not None
    assert loop.window.seconds >= 0.05
    before = [answer for answer in loop.valid if done_ns(answer) <= loop.window.start_ns]
    assert len(before) >= 4
    assert all(sum(map(loop.window.contains, own)) >= 3 for own in loop.rounds.answered_ns)
    assert set(loop.counted()) < set(loop.valid)


EARLY = Script(last={"done_reason": "stop"})


@pytest.mark.parametrize("fault", [EARLY, Script(status=503, error="busy")], ids=["early end", "failure"])
def test_a_request_that_does_not_count_is_replaced(
    context: RunContext, double: OllamaDouble, fault: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retry, "BACKOFF_S", 0.0)
    double.order(Script(), fault)
    loop = closed_loop(context, users(2, requests=2))
    result = loop.result()
    [verdict] = result.verdicts
    assert (verdict.name, verdict.evidence["leftOut"]) == ("requests-left-out", 1)
    assert len(result.request_results) == len(loop.counted()) >= 4


def test_many_answers_that_do_not_count_reject_the_run(context: RunContext, double: OllamaDouble) -> None:
    double.order(*[EARLY] * 4)
    result = closed_loop(context, users(2, requests=2)).result()
    assert [verdict.name for verdict in result.verdicts] == ["output-length"]
    assert len(double.requests) <= 5


def test_many_failures_end_the_load_with_their_error(
    context: RunContext, double: OllamaDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retry, "BACKOFF_S", 0.0)
    double.order(*[Script(status=503, error="busy")] * 50)
    with pytest.raises(OllamaHTTPError, match="busy"):
        closed_loop(context, users(2, requests=5))
    assert len(double.requests) <= 5


def test_requests_are_sent_at_their_times_despite_slow_answers(context: RunContext, double: OllamaDouble) -> None:
    end_together(double, 3)
    double.order(Script(status=500))
    starts = [0, 5 * MS, 10 * MS, 15 * MS]
    arrivals = open_loop.open_loop(context, starts, [f"{number} a prompt" for number in range(4)])
    assert [arrival.intended_ns - arrivals[0].intended_ns for arrival in arrivals] == starts
    assert sum(arrival.answer is None for arrival in arrivals) == 1
    assert all(arrival.answer.sent_ns >= arrival.intended_ns for arrival in arrivals if arrival.answer)


def test_a_request_that_waits_for_a_thread_counts_as_late(
    context: RunContext, double: OllamaDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(open_loop, "MAX_IN_FLIGHT", 1)
    double.timing = Timing(first=20)
    first, second = open_loop.open_loop(context, [0, 0], ["1 a prompt", "2 a prompt"])
    assert second.answer is not None
    assert second.intended_ns == first.intended_ns
    assert second.answer.sent_ns - second.intended_ns >= 20 * MS


def test_only_the_sessions_own_thread_checks_the_claim(context: RunContext, double: OllamaDouble) -> None:
    looked: list[threading.Thread] = []
    ensured = replace(context, ensure_active=lambda: looked.append(threading.current_thread()))
    closed_loop(ensured, users(8))
    open_loop.open_loop(ensured, [0] * 8, [f"{number} a prompt" for number in range(8)])
    assert len(double.requests) >= 16
    assert set(looked) == {threading.current_thread()}


def ends_after(looks: int) -> Callable[[], None]:
    """Return an `ensure_active` that raises after a number of calls."""
    left = iter(range(looks))

    def ensure_active() -> None:
        if next(left, None) is None:
            raise ClaimLost("another worker has it")

    return ensure_active


def test_a_superseded_worker_sends_no_more_requests(context: RunContext, double: OllamaDouble) -> None:
    a_day = 86_400_000 * MS
    with pytest.raises(ClaimLost):
        open_loop.open_loop(replace(context, ensure_active=ends_after(1)), [0, a_day, a_day], ["1 a", "2 a", "3 a"])
    assert len(double.requests) <= 1


def test_a_superseded_worker_ends_every_user(
    context: RunContext, double: OllamaDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ensure_active() -> None:
        if double.requests:
            raise ClaimLost("another worker has it")

    monkeypatch.setattr(claim_monitor, "INTERVAL_S", 0.01)
    with pytest.raises(ClaimLost):
        closed_loop(replace(context, ensure_active=ensure_active), users(4, duration_s=3600))


def test_a_check_that_hangs_means_that_the_database_is_away(
    context: RunContext, double: OllamaDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its requests wait, and the run does not count, even if the check ends well after all."""
    monkeypatch.setattr(claim_monitor, "VALID_S", 0.0)
    monkeypatch.setattr(claim_monitor, "TIMEOUT_S", 0.01)
    monkeypatch.setattr(claim_monitor, "INTERVAL_S", 0.05)
    with pytest.raises(Unavailable, match="did not confirm the claim"):
        closed_loop(context, users(2, requests=2))
    assert not double.requests


@given(seed=st.text(), rate=st.floats(0.01, 1000), requests=st.integers(1, 50))
def test_arrivals_begin_at_zero_and_never_decrease(seed: str, rate: float, requests: int) -> None:
    starts = arrivals_ns(seed, rate, requests)
    assert len(starts) == requests
    assert starts[0] == 0
    assert starts == sorted(starts)
    assert starts == arrivals_ns(seed, rate, requests)


def test_arrivals_form_a_poisson_process() -> None:
    """Mean and standard deviation of the gaps are both 1 / rate."""
    gaps = np.diff(arrivals_ns("a seed", 20, 4000)) / 1e9
    assert gaps.mean() == pytest.approx(0.05, rel=0.05)
    assert gaps.std() == pytest.approx(0.05, rel=0.1)
