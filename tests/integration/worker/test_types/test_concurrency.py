from typing import Any

import pytest

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
            test = lab.test(users=[1, 2, 4], requestsPerUser=2, minRepetitions=3, maxRepetitions=3)
            measured.update(lab.run(test, workload=Concurrency()))
    return measured


def test_the_knee_is_where_throughput_stops_growing(two_slots: dict[str, Any]) -> None:
    together = by_users(two_slots, "aggregateTokensPerSecond")
    assert together[2] > 1.5 * together[1]
    assert together[4] < 1.3 * together[2]
    assert two_slots["kneeUsers"] in {2, 4}
    assert two_slots["parallelSlots"] == 2
    assert two_slots["headline"]["point"] == {"users": two_slots["kneeUsers"]}
    assert two_slots["tokensPerSecond"] == two_slots["aggregateTokensPerSecond"]


def test_requests_without_a_free_slot_wait(two_slots: dict[str, Any]) -> None:
    """At least two of four users wait for a slot, for the duration of an answer."""
    writing = 15 * 4
    assert by_users(two_slots, "timeToFirstToken", "max")[4] >= 10 + writing
    assert by_users(two_slots, "queueTime", "max")[4] > writing / 2 > by_users(two_slots, "queueTime")[1]


def test_distributions_are_over_requests_and_throughput_over_runs(two_slots: dict[str, Any]) -> None:
    (four,) = [point["statistics"] for point in two_slots["points"] if point["point"] == {"users": 4}]
    assert (four["timeToFirstToken"]["n"], four["aggregateTokensPerSecond"]["n"]) == (24, 3)
    assert (four["timeToFirstToken"]["runs"], four["timeToFirstToken"]["p95"]) == (3, None)


def test_the_finding_states_the_number_of_users(two_slots: dict[str, Any]) -> None:
    assert two_slots["finding"].startswith(f"{two_slots['kneeUsers']:.0f} users get ")


def test_the_finding_names_no_wait_if_larger_numbers_were_not_tested(lab: Lab) -> None:
    metrics = lab.run(lab.test(users=[1]), workload=Concurrency())
    assert metrics["finding"].startswith("1 user gets ")
    assert metrics["finding"].endswith(". Larger numbers were not tested.")
