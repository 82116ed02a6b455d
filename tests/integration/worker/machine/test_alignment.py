"""Whole measurements, and what of the readings lies in which phase of them."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from common.records.runs import RunRecord
from common.store import sessions
from common.store.tables import LogLine, Test
from sampler.readings import Reading
from testbed.ollama_double import Timing
from tests.integration.worker.lab import Lab, told, verdicts
from tests.support.fast_sampler import sampler
from tests.support.timelines import card, taken
from worker.test_types.sustained import Sustained
from worker.verdicts import machine
from worker.workload.point_runs import PointRuns

pytestmark = [pytest.mark.serial, pytest.mark.usefixtures("tables"), pytest.mark.slow]

WATTS = 100.0
PHASES = ("load", "prefill", "decode")


def steady(**more: Any) -> Reading:
    """Of a machine that takes 100 W whatever it does."""
    return taken(card(energy=WATTS * time.monotonic(), sm_clock=1500, temperature=60), cpu=10, memory=1000, **more)


def powerless() -> Reading:
    return taken(cpu=10, memory=1000)


def order(record: RunRecord) -> list[str]:
    return [phase["phase"] for phase in record["phases"]]


def lines(test: Test) -> list[str]:
    return [line.text for line in LogLine.select().where(LogLine.test == test)]


@pytest.fixture
def slow(watched: Lab) -> Lab:
    """Each phase lasts for a good many readings."""
    watched.double.timing = Timing(load=60, first=60, each=4)
    watched.double.last = {}
    return watched


@pytest.mark.parametrize(
    ("test_type", "phases"),
    [
        ("decode", ["prefill", "decode"]),
        ("cold-start", ["load", "prefill", "decode"]),
        ("embedding", ["prefill"]),
        ("concurrency", ["prefill", "decode"] * 2),
    ],
)
def test_a_run_keeps_the_phases_of_each_request(slow: Lab, test_type: str, phases: list[str]) -> None:
    options = {"concurrency": {"users": 2, "requestsPerUser": 1}, "embedding": {"inputTokens": 32, "batchSize": 1}}
    test = slow.test(test_type, maxRepetitions=1, **options.get(test_type, {}))
    slow.run(test)
    (run,) = sessions.runs(test)
    assert order(run.record) == phases
    start, end = run.record["window"]
    error = run.record["clockError"]
    assert error > 0
    for phase in run.record["phases"]:
        assert start - error <= phase["start"] < phase["end"] <= end + 1 + error


def test_without_a_sampler_a_run_has_its_phases_and_nothing_in_them(slow: Lab) -> None:
    metrics = slow.run(slow.test(maxRepetitions=1))
    assert metrics["phases"]["idle"] is None
    assert metrics["phases"]["load"] is None
    assert (metrics["phases"]["decode"]["readings"], metrics["phases"]["decode"]["cpu"]) == (0, None)
    assert metrics["phases"]["decode"]["duration"] > 0
    assert set(metrics["peaks"].values()) == {None}
    assert metrics["energyPerToken"] is metrics["energyPerTokenAboveIdle"] is None
    assert "energyPerToken" not in metrics["statistics"]
    assert "no-readings" in verdicts(metrics)


def test_each_phase_has_its_readings(slow: Lab) -> None:
    with sampler(slow.redis, steady):
        metrics = slow.run(slow.test("cold-start", minRepetitions=2, maxRepetitions=2))
    for name in ("idle", *PHASES):
        phase = metrics["phases"][name]
        assert phase["readings"] >= 2, name
        assert phase["cpu"] == {"mean": 10, "peak": 10}, name
        assert phase["energy"]["value"] == phase["energy"]["gpu"] > 0, name
        assert (phase["energy"]["source"], phase["energy"]["cpu"]) == ("counter", None), name
    assert (metrics["peaks"]["cpu"], metrics["peaks"]["smClock"], metrics["peaks"]["vram"]) == (10, 1500, None)


def test_a_token_takes_the_energy_of_its_time(slow: Lab) -> None:
    test = slow.test(minRepetitions=3, maxRepetitions=3)
    with sampler(slow.redis, steady):
        metrics = slow.run(test)
    expected = WATTS * metrics["inferenceTime"] / 1000 / 16
    assert metrics["energyPerToken"] == pytest.approx(expected, rel=0.3)
    assert abs(metrics["energyPerTokenAboveIdle"]) < 0.3 * expected
    told = metrics["statistics"]["energyPerToken"]
    assert (told["n"], told["unit"], told["value"]) == (3, "J/token", metrics["energyPerToken"])


def test_without_a_source_of_energy_none_is_known(slow: Lab) -> None:
    with sampler(slow.redis, powerless):
        metrics = slow.run(slow.test(maxRepetitions=1))
    assert metrics["phases"]["decode"]["cpu"] == {"mean": 10, "peak": 10}
    assert metrics["phases"]["decode"]["energy"] is None
    assert metrics["energyPerToken"] is None
    assert "energyPerToken" not in metrics["statistics"]


def test_a_sampler_that_dies_before_a_run_leaves_its_energy_unknown(slow: Lab) -> None:
    slow.double.timing = Timing(first=60, each=20)
    test = slow.test(maxRepetitions=1)
    measurement = slow.measurement(test)
    with sampler(slow.redis, steady):
        steps = measurement.steps()
        next(steps)  # up to the run
    for _ in steps:
        pass
    metrics = measurement.metrics.as_json()
    assert metrics["phases"]["idle"]["energy"]["value"] > 0
    assert (metrics["phases"]["decode"]["readings"], metrics["phases"]["decode"]["energy"]) == (0, None)
    assert metrics["energyPerToken"] is metrics["energyPerTokenAboveIdle"] is None


def test_a_run_into_which_a_silence_of_the_sampler_reaches_is_flagged(
    slow: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "SILENCE_MS", 100)
    slow.double.timing = Timing(first=60, each=20)
    measurement = slow.measurement(slow.test(maxRepetitions=1))
    with sampler(slow.redis, steady):
        steps = measurement.steps()
        next(steps)  # up to the run
    for _ in steps:
        pass
    assert told(measurement.metrics.as_json(), "readings-gap")["evidence"]["gap"] > 100


def test_where_a_model_comes_back_its_first_request_alone_loads(slow: Lab) -> None:
    slow.double.models, slow.double.most_loaded = ("tiny:latest", "other:latest"), 1
    test = slow.test("model-swap", minRepetitions=1, maxRepetitions=1)
    slow.run(test)
    assert order(sessions.runs(test)[0].record) == ["load", "prefill", "decode", "prefill", "decode"]


# The idle machine


def test_the_idle_machine_is_kept_with_its_test_and_told(slow: Lab) -> None:
    test = slow.test(maxRepetitions=1)
    with sampler(slow.redis, steady):
        metrics = slow.run(test)
    (stored,) = sessions.tests(test.session.id)
    assert stored.baseline is not None
    assert stored.baseline["start"] < stored.baseline["end"]
    assert stored.baseline["usage"]["cpu"] == 10
    assert stored.baseline["observed"] == metrics["phases"]["idle"]
    assert sum(line.startswith("idle baseline") for line in lines(test)) == 1


@pytest.mark.parametrize(("first", "looks"), [(steady, 1), (None, 2)])
def test_a_test_that_is_taken_up_again_looks_only_where_nobody_has(
    slow: Lab, first: Callable[[], Reading] | None, looks: int
) -> None:
    test = slow.test(maxRepetitions=1)
    if first:
        with sampler(slow.redis, first):
            slow.run(test, by="one")
    else:
        slow.run(test, by="one")
    (again,) = sessions.tests(test.session.id)
    before = again.baseline
    with sampler(slow.redis, lambda: replace(steady(), cpu=None)):
        metrics = slow.run(again, by="two")
    if before:
        assert metrics["phases"]["idle"] == before["observed"]
    assert (before is None, metrics["phases"]["idle"]["cpu"] is None) == (looks == 2, looks == 2)
    assert sum(line.startswith("idle baseline") for line in lines(test)) == 1


# Sustained


def test_a_sustained_test_tells_clocks_and_temperatures_of_both_ends(slow: Lab) -> None:
    seen = slow.double.seen

    def heating() -> Reading:
        late = len(seen) > 8
        return taken(card(sm_clock=1200 if late else 1500, temperature=80 if late else 50), cpu=10, frequency=3000)

    test = slow.test("sustained", durationSeconds=1, outputTokens=16)
    with sampler(slow.redis, heating):
        metrics = slow.run(test)
    assert len(sessions.runs(test)) >= 5
    ends = {name: (metrics[f"firstFifth{name}"], metrics[f"lastFifth{name}"]) for name in ("SmClock", "GpuTemperature")}
    assert ends == {"SmClock": (1500, 1200), "GpuTemperature": (50, 80)}
    assert (metrics["firstFifthCpuFrequency"], metrics["lastFifthCpuFrequency"]) == (3000, 3000)
    assert metrics["lastFifthCpuTemperature"] is None


def test_of_few_runs_no_clock_is_told(slow: Lab) -> None:
    test = slow.test("sustained", durationSeconds=1, outputTokens=16)
    with sampler(slow.redis, steady):
        slow.run(test)
    few = sessions.runs(test)[:4]
    assert len(few) == 4
    assert few[0].record["observed"]["decode"]["smClock"]["mean"] == 1500
    assert set(Sustained().overall([PointRuns(0, {}, few)]).values()) == {None}
