from typing import Any

import pytest

from common.store.reads import sessions
from common.store.tables import Test
from testbed.ollama_double import Script, Timing
from tests.integration.worker.lab import Lab, find_verdict
from worker.test_types import open_loop
from worker.test_types.open_loop import OpenLoop

pytestmark = [pytest.mark.serial, pytest.mark.usefixtures("tables"), pytest.mark.slow]

ONCE: dict[str, Any] = {"minRepetitions": 1, "maxRepetitions": 1}
SHORT = ONCE | {"loadPercent": [50], "requests": 6}


@pytest.fixture(autouse=True)
def quick_capacity(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_loop, "CAPACITY_S", 0.05)


def test_load_is_offered_in_shares_of_the_capacity(lab: Lab) -> None:
    test = lab.test(**SHORT | {"loadPercent": [25, 50]})
    metrics = lab.run(test, workload=OpenLoop())
    low, half = (point["statistics"] for point in metrics["points"])
    capacity = metrics["capacityRequestsPerSecond"]
    assert low["offeredRequestsPerSecond"]["value"] == pytest.approx(capacity / 4)
    assert half["offeredRequestsPerSecond"]["value"] == pytest.approx(capacity / 2)
    assert low["timeToFirstToken"]["n"] == 6


def test_an_answer_that_misses_an_objective_is_not_good(lab: Lab) -> None:
    easy = lab.run(lab.test(**SHORT, ttftObjective=60_000, interTokenObjective=60_000), workload=OpenLoop())
    assert (easy["goodputShare"], easy["failedRequests"]) == (100, 0)
    assert easy["goodput"] == pytest.approx(easy["requestsPerSecond"])
    lab.double.timing = Timing(first=10)
    late = lab.run(lab.test(**SHORT, ttftObjective=5, interTokenObjective=60_000), workload=OpenLoop())
    assert (late["goodputShare"], late["goodput"]) == (0, 0)
    lab.double.timing = Timing(each=10)  # ten times the objective, because a delayed first token shortens the rest
    slow = lab.run(lab.test(**SHORT, ttftObjective=60_000, interTokenObjective=1), workload=OpenLoop())
    assert slow["goodputShare"] == 0


def test_a_request_that_fails_is_counted_as_not_good(lab: Lab) -> None:
    test = lab.test(**SHORT)
    metrics = lab.run(test, Script(status=503), Script(status=503), workload=OpenLoop())
    assert metrics["failedRequests"] == 2
    assert metrics["goodputShare"] <= 100 * 4 / 6
    (run,) = sessions.runs(test)
    assert len(run.record["requests"]) == 4


def test_waiting_counts_from_the_scheduled_time(lab: Lab) -> None:
    test = lab.test(**SHORT)
    lab.run(test, workload=OpenLoop())
    (run,) = sessions.runs(test)
    for request in run.record["requests"]:
        waited = (request["contentUs"][0] + (request["lateUs"] or 0)) / 1000
        assert request["figures"]["timeToFirstToken"] == pytest.approx(waited, abs=0.01)


def test_absolute_rates_need_no_capacity_and_have_the_same_arrivals_in_every_session(lab: Lab) -> None:
    tests = [lab.test("open-loop", **ONCE, requestsPerSecond=[200, 100.5], requests=5) for _ in range(2)]
    points = [{"requestsPerSecond": 200}, {"requestsPerSecond": 100.5}]
    for test in tests:
        metrics = lab.run(test)
        assert [point["point"] for point in metrics["points"]] == points
        assert metrics["finding"].startswith("Goodput under Poisson arrivals: ")
        assert "at 200 requests/s" in metrics["finding"]
        assert "capacity" not in metrics["finding"]
    for first, second in zip(*map(intended_us, tests), strict=True):
        assert first == [pytest.approx(at, abs=2) for at in second]  # both are rounded to microseconds


def intended_us(test: Test) -> list[list[int]]:
    """Return the intended times of the requests of each run, after the first."""
    ordered = sorted(sessions.runs(test), key=lambda run: (str(run.conditions), run.repetition))
    runs = [run.record["requests"] for run in ordered]
    times = [[(request["sentUs"] or 0) - (request["lateUs"] or 0) for request in requests] for requests in runs]
    return [[at - own[0] for at in own] for own in times]


def test_a_run_can_end_after_a_time(lab: Lab) -> None:
    test = lab.test("open-loop", **ONCE, requestsPerSecond=50, durationSeconds=1)
    metrics = lab.run(test)
    [own] = intended_us(test)
    assert max(own) < 1_000_000
    assert metrics["offeredRequestsPerSecond"] == 50


def test_an_answer_that_ends_early_is_left_out(lab: Lab) -> None:
    easy = {"ttftObjective": 60_000, "interTokenObjective": 60_000}
    test = lab.test("open-loop", **ONCE, **easy, requestsPerSecond=200, requests=6)
    metrics = lab.run(test, Script(), Script(last={"done_reason": "stop"}))
    assert (metrics["goodputShare"], metrics["failedRequests"]) == (100, 0)
    evidence = {"leftOut": 1, "requests": 6, "reasons": "output-length"}
    assert find_verdict(metrics, "requests-left-out")["evidence"] == evidence


def test_a_resumed_test_keeps_its_capacity(lab: Lab) -> None:
    test = lab.test(**SHORT | {"loadPercent": [50, 100]})

    class Superseded(Exception):
        pass

    def let_go(_: object) -> None:
        if sessions.runs(test):
            raise Superseded

    lab.checkpoint = let_go
    with pytest.raises(Superseded):
        lab.run(test, by="one", workload=OpenLoop())
    lab.checkpoint = lambda _: None
    lab.run(test, by="two", workload=OpenLoop())
    first, second = (run.metrics["capacityRequestsPerSecond"] for run in sessions.runs(test))
    assert first == second
