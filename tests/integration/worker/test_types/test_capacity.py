import re
from typing import Any

import pytest

from common.store.reads import sessions
from testbed.ollama_double import OllamaDouble, Script, Timing
from tests.integration.worker.lab import Lab, find_verdict, verdicts
from worker.test_types import capacity
from worker.workload.traffic import level_probes

pytestmark = [pytest.mark.serial, pytest.mark.usefixtures("tables"), pytest.mark.slow]

QUICK: dict[str, Any] = {"goodPercent": 60, "interTokenObjective": 60_000, "maxUsers": 16, "maxSeconds": 4}
"""Fewer answers prove a smaller share."""


@pytest.fixture(autouse=True)
def coarse_rates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(level_probes, "MIN_OBJECTIVES", 5)
    monkeypatch.setattr(level_probes, "MIN_ARRIVALS", 12)
    monkeypatch.setattr(capacity, "RATIO", 1.6)


def test_the_capacity_of_known_slots_is_found(lab: Lab) -> None:
    """An answer takes 40 ms, so four users on two slots wait for less than 40 ms, and six for more than that."""
    with OllamaDouble(slots=2, timing=Timing(first=10, each=2)) as double:
        lab.double = double
        test = lab.test("capacity", **QUICK, ttftObjective=55)
        metrics = lab.run(test)
    low, users, high = (metrics[f"capacityUsers{end}"] for end in ("Low", "", "High"))
    assert low <= users <= (high or users)  # unknown if a busy machine takes longer
    assert 1 <= users <= 5
    assert metrics["capacityRateLow"] <= metrics["capacityRate"] <= 2 / 0.04 * 1.6
    found = r"\d users? \(.+\) and [\d.]+ requests/s \(.+\), with 60.0 % of the answers at TTFT ≤ 55.0 ms"
    assert re.match(found, metrics["finding"])
    assert metrics["headline"] == {"name": "capacityUsers", "unit": "users", "point": {"load": "users"}}
    tried = [point["point"] for point in metrics["points"]]
    assert {"load": "users", "users": 1} in tried
    assert any("requestsPerSecond" in point for point in tried)
    assert "unsettled" not in verdicts(metrics)
    assert [len(run.record["requests"]) > 0 for run in sessions.runs(test)] == [True, True]


def test_a_server_that_serves_nobody_well_has_no_capacity(lab: Lab) -> None:
    lab.double.timing = Timing(first=20)
    metrics = lab.run(lab.test("capacity", **QUICK | {"maxUsers": 2, "maxSeconds": 2}, ttftObjective=1))
    assert (metrics["capacityUsers"], metrics["capacityUsersHigh"], metrics["capacityRateLow"]) == (0, 0, 0)
    assert metrics["finding"].startswith("0 users (95 % sure)")


def test_a_search_that_ends_at_its_largest_number_says_so(lab: Lab) -> None:
    test = lab.test("capacity", **QUICK | {"maxUsers": 2, "maxSeconds": 2}, ttftObjective=500)
    lab.double.timing = Timing(first=20)
    metrics = lab.run(test, Script(), Script(last={"done_reason": "stop"}))
    assert (metrics["capacityUsersLow"], metrics["capacityUsers"]) == (2, 2)
    assert metrics.get("capacityUsersHigh") is None
    assert metrics["finding"].startswith("2 users (95 % sure: at least 2)")
    assert find_verdict(metrics, "requests-left-out")["evidence"]["leftOut"] == 1
