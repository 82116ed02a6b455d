from typing import Any

import pytest

from common.records.test_metrics import TestMetrics
from testbed.ollama_double import OllamaDouble, Timing
from tests.integration.worker.lab import Lab
from worker.test_types.concurrency import Concurrency

pytestmark = [pytest.mark.serial, pytest.mark.usefixtures("tables"), pytest.mark.slow]


def by_users(metrics: dict[str, Any], metric: str, value: str = "value") -> dict[int, float]:
    return {point["point"]["users"]: point["statistics"][metric][value] for point in metrics["points"]}


measured: dict[str, Any] = {}
"""Metrics of the first test, shared by several tests."""


@pytest.fixture
def two_slots(lab: Lab) -> dict[str, Any]:
    if not measured:
        with OllamaDouble(slots=2, timing=Timing(first=10, each=4)) as double:
            lab.double = double
            test = lab.test(users=[1, 2, 4], durationSeconds=1, requestsPerUser=6, minRepetitions=6, maxRepetitions=6)
            measured.update(lab.run(test, workload=Concurrency()))
    return measured


def test_the_knee_is_where_throughput_stops_growing(two_slots: dict[str, Any]) -> None:
    together = by_users(two_slots, "aggregateTokensPerSecond")
    assert together[2] > 1.3 * together[1]
    assert together[4] < 1.6 * together[2]
    assert two_slots["kneeUsersLow"] <= two_slots["kneeUsers"] <= two_slots["kneeUsersHigh"]
    assert two_slots["kneeUsersLow"] > 1
    assert two_slots["parallelSlots"] == 2
    assert two_slots["headline"]["point"] == {"users": two_slots["kneeUsers"]}
    assert two_slots["tokensPerSecond"] == two_slots["aggregateTokensPerSecond"]


def test_requests_without_a_free_slot_wait(two_slots: dict[str, Any]) -> None:
    """In the steady state of four users on two slots, half of the time is waiting: an answer takes 70 ms."""
    assert by_users(two_slots, "timeToFirstToken", "mean")[4] >= 10 + 0.7 * 70
    assert by_users(two_slots, "queueTime", "mean")[4] > 2 * by_users(two_slots, "queueTime", "mean")[1]


def test_throughput_is_not_above_that_of_the_slots(two_slots: dict[str, Any]) -> None:
    """Windows that began or ended in a burst would see more tokens than 16 in each 70 ms of each slot."""
    for users, together in by_users(two_slots, "aggregateTokensPerSecond").items():
        assert together <= 1.05 * min(users, 2) * 16 / 0.07


def test_distributions_are_over_requests_and_throughput_over_runs(two_slots: dict[str, Any]) -> None:
    (four,) = [point["statistics"] for point in two_slots["points"] if point["point"] == {"users": 4}]
    assert four["aggregateTokensPerSecond"]["n"] == 6
    assert four["timeToFirstToken"]["n"] >= 6 * 4
    assert four["timeToFirstToken"]["runs"] == 6


def test_the_finding_states_the_number_of_users(two_slots: dict[str, Any]) -> None:
    assert two_slots["finding"].startswith(f"{two_slots['kneeUsers']:.0f} users get ")


def test_the_finding_names_no_wait_if_larger_numbers_were_not_tested(lab: Lab) -> None:
    metrics = lab.run(lab.test(users=[1], durationSeconds=0), workload=Concurrency())
    assert metrics["finding"].startswith("1 user gets ")
    assert metrics["finding"].endswith(". Larger numbers were not tested. 2 runs, no interval.")


@pytest.mark.parametrize(
    ("low", "high", "sentence"),
    [(4.0, 6.0, "Throughput stops growing at 4 to 6 users. "), (4.0, 4.0, ""), (None, None, "")],
)
def test_the_finding_gives_the_range_of_the_knee(low: float | None, high: float | None, sentence: str) -> None:
    values = {"kneeUsers": 4.0, "kneeUsersLow": low, "kneeUsersHigh": high, "decodeTokensPerSecond": 12.0}
    found = Concurrency().finding(TestMetrics(values=values))
    assert found == f"4 users get 12.0 tokens/s each while the model writes. {sentence}Larger numbers were not tested."
