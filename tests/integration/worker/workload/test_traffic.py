import threading
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import ClaimLost, OllamaHTTPError, Unavailable
from common.free_json import Json
from testbed.ollama_double import OllamaDouble, Script, Timing
from testbed.waiting import DEADLINE_S
from tests.support.generations import MS, generation
from tests.support.run_contexts import context_on
from worker.ollama.responses import Generation
from worker.test_types.concurrency import Concurrency
from worker.test_types.open_loop import arrivals_ns
from worker.workload import claim_monitor, traffic
from worker.workload.run_context import RunContext

pytestmark = pytest.mark.serial


@pytest.fixture
def context(double: OllamaDouble) -> RunContext:
    return context_on(double, Concurrency.test_type, users=1)


def prompts(users: int, requests: int) -> list[list[str]]:
    return [[f"{user} {number} a prompt" for number in range(requests)] for user in range(users)]


def test_each_user_sends_the_next_request_after_an_answer(context: RunContext, double: OllamaDouble) -> None:
    answers = traffic.closed_loop(context, prompts(3, 4))
    assert len(answers) == 12
    assert double.max_concurrent <= 3
    for user in range(3):
        own = [seen for seen in double.requests if seen.prompt.startswith(f"{user} ")]
        assert [seen.prompt.split()[1] for seen in own] == ["0", "1", "2", "3"]
        assert all((before.ended_ns or 0) <= after.started_ns for before, after in pairwise(own))


def end_together(double: OllamaDouble, requests: int) -> None:
    """End no answer before so many have begun. A load that does not send them at once fails."""
    all_there = threading.Barrier(requests, timeout=DEADLINE_S)

    def wait(_: Json) -> Json:
        all_there.wait()
        return {}

    double.last_of = wait


def test_all_users_send_requests_at_once(context: RunContext, double: OllamaDouble) -> None:
    end_together(double, 8)
    traffic.closed_loop(context, prompts(8, 1))
    assert double.max_concurrent == 8


def test_a_failure_ends_the_load_with_its_error(context: RunContext, double: OllamaDouble) -> None:
    double.order(Script(status=503, error="busy"))
    with pytest.raises(OllamaHTTPError, match="busy"):
        traffic.closed_loop(context, prompts(1, 50))
    assert len(double.requests) == 1


def test_requests_are_sent_at_their_times_despite_slow_answers(context: RunContext, double: OllamaDouble) -> None:
    end_together(double, 3)
    double.order(Script(status=500))
    starts = [0, 5 * MS, 10 * MS, 15 * MS]
    arrivals = traffic.open_loop(context, starts, [f"{number} a prompt" for number in range(4)])
    assert [arrival.intended_ns - arrivals[0].intended_ns for arrival in arrivals] == starts
    assert sum(arrival.answer is None for arrival in arrivals) == 1
    assert all(arrival.answer.sent_ns >= arrival.intended_ns for arrival in arrivals if arrival.answer)


def test_a_request_that_waits_for_a_thread_counts_as_late(
    context: RunContext, double: OllamaDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(traffic, "MAX_IN_FLIGHT", 1)
    double.timing = Timing(first=20)
    first, second = traffic.open_loop(context, [0, 0], ["1 a prompt", "2 a prompt"])
    assert second.answer is not None
    assert second.intended_ns == first.intended_ns
    assert second.answer.sent_ns - second.intended_ns >= 20 * MS


def test_only_the_sessions_own_thread_checks_the_claim(context: RunContext, double: OllamaDouble) -> None:
    looked: list[threading.Thread] = []
    ensured = replace(context, ensure_active=lambda: looked.append(threading.current_thread()))
    traffic.closed_loop(ensured, prompts(8, 2))
    traffic.open_loop(ensured, [0] * 8, [f"{number} a prompt" for number in range(8)])
    assert len(double.requests) == 24
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
        traffic.open_loop(replace(context, ensure_active=ends_after(1)), [0, a_day, a_day], ["1 a", "2 a", "3 a"])
    assert len(double.requests) <= 1


def test_a_superseded_worker_ends_every_user(
    context: RunContext, double: OllamaDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claim_monitor, "INTERVAL_S", 0.01)
    with pytest.raises(ClaimLost):
        traffic.closed_loop(replace(context, ensure_active=ends_after(3)), prompts(4, 2000))
    assert len(double.requests) < 8000


def test_a_check_that_hangs_means_that_the_database_is_away(
    context: RunContext, double: OllamaDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its requests wait, and the run does not count, even if the check ends well after all."""
    monkeypatch.setattr(claim_monitor, "VALID_S", 0.0)
    monkeypatch.setattr(claim_monitor, "TIMEOUT_S", 0.01)
    monkeypatch.setattr(claim_monitor, "INTERVAL_S", 0.05)
    with pytest.raises(Unavailable, match="did not confirm the claim"):
        traffic.closed_loop(context, prompts(2, 2))
    assert not double.requests


def written(*spans: tuple[float, float]) -> list[Generation]:
    """Return answers written from the first to the second time (ms)."""
    return [generation(content_ms=spread(start, end)) for start, end in spans]


def spread(start: float, end: float) -> tuple[float, ...]:
    return tuple(np.linspace(start, end, 32).tolist())


@pytest.mark.parametrize(
    ("spans", "at_once"),
    [
        ([(0, 100)], 1),
        ([(0, 100), (100, 200), (200, 300)], 1),
        ([(0, 100), (99, 200), (199, 300)], 1),  # each begins when the one before ends
        ([(0, 100), (0, 100), (100, 200), (100, 200)], 2),
        ([(0, 100), (50, 150)], 2),
        ([(0, 100)] * 16, 16),
    ],
)
def test_concurrent_answers_are_counted(spans: list[tuple[float, float]], at_once: int) -> None:
    assert traffic.writing_at_once(written(*spans)) == at_once


def test_two_slots_are_detected() -> None:
    with OllamaDouble(slots=2, timing=Timing(first=5, each=2)) as server:
        answers = traffic.closed_loop(context_on(server, Concurrency.test_type, users=1), prompts(6, 2))
    assert traffic.writing_at_once(answers) == 2


def test_no_answers_mean_no_concurrency() -> None:
    assert traffic.writing_at_once([generation(content_ms=())]) == 0


def test_the_span_is_from_the_first_request_to_the_last_content() -> None:
    assert traffic.span_s(written((50, 100), (80, 400))) == pytest.approx(0.4)


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
