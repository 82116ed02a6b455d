import re
from functools import partial
from math import log
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
    at_capacity = max((point for point in metrics["points"] if is_good(point["point"], users)), key=of_users)
    assert metrics["statistics"]["timeToFirstToken"] == at_capacity["statistics"]["timeToFirstToken"]
    assert metrics["statistics"]["capacityUsers"]["runs"] == 1


def is_good(point: dict[str, Any], users: float) -> bool:
    return int(point.get("users", users + 1)) <= users


def of_users(point: dict[str, Any]) -> int:
    return int(point["point"]["users"])


class Superseded(Exception):
    """Another worker takes over the session."""


def test_other_workers_continue_a_search(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first leaves after two levels of users, and the second after the first rate. The third finds the capacity."""
    monkeypatch.setattr(capacity, "RATE_LEVELS", 3)
    monkeypatch.setattr(capacity, "RATE_START", 1)
    test = lab.test("capacity", **QUICK | {"maxUsers": 4, "maxSeconds": 60}, ttftObjective=500)
    lab.double.timing = Timing(first=20)

    def leave(last: tuple[str, int], _: object) -> None:
        if last in [(run.conditions["load"], run.repetition) for run in sessions.runs(test)]:
            raise Superseded

    for worker, last in (("one", ("users", 2)), ("two", ("requestsPerSecond", 1))):
        lab.checkpoint = partial(leave, last)
        with pytest.raises(Superseded):
            lab.run(test, by=worker)
    lab.checkpoint = lambda _: None
    metrics = lab.run(test, by="three")
    assert (metrics["capacityUsersLow"], metrics["capacityUsers"]) == (4, 4)
    assert [run.record["requests"][0]["labels"]["users"] for run in sessions.runs(test)[:3]] == [1, 2, 4]
    labels = [run.record["requests"][0]["labels"] for run in sessions.runs(test)]
    rates = [float(label["requestsPerSecond"]) for label in labels if "requestsPerSecond" in label]
    steps = [log(rate / rates[0]) / log(capacity.RATIO) for rate in rates]
    assert steps == pytest.approx([round(step) for step in steps], abs=0.01)  # all in units of the first worker's rate


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
