"""Assignment of readings to the phases of whole test runs."""

import socket
import sys
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from fcntl import ioctl
from termios import FIONREAD

import pytest

from common.records.runs import Metrics, RunRecord
from common.store.reads import sessions
from common.store.tables import LogLine, Run, Test
from sampler.readings import Reading
from testbed.ollama_double import Timing
from testbed.single_test import blocks_of
from tests.integration.worker.lab import Lab, find_verdict, verdicts
from tests.support.machine.reading_windows import card, make_reading
from tests.support.machine.regular_sampler import sampler
from worker.ollama.timing.socket import StampedConnection
from worker.test_types.sustained import Sustained
from worker.verdicts import machine
from worker.workload.point_runs import PointRuns

pytestmark = [pytest.mark.usefixtures("tables"), pytest.mark.slow]

WATTS = 100.0
PHASES = ("load", "prefill", "decode")


def steady(at: int) -> Reading:
    """Return a reading of a machine with a constant power of 100 W."""
    return make_reading(card(energy=WATTS * at / 1000, sm_clock=1500, temperature=60), cpu=10, memory=1000)


def without_power(_: int) -> Reading:
    return make_reading(cpu=10, memory=1000)


def order(record: RunRecord) -> list[str]:
    return [phase["phase"] for phase in record["phases"]]


def lines(test: Test) -> list[str]:
    return [line.text for line in LogLine.select().where(LogLine.test == test)]


def unread(sock: socket.socket) -> int:
    """Return how many bytes have arrived and were not read."""
    size = ioctl(sock.fileno(), FIONREAD, bytes(4)) if sock.fileno() >= 0 else bytes(4)
    return int.from_bytes(size, sys.byteorder)


@pytest.fixture
def slow(watched: Lab, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """Return a lab on a slow double, so that each phase holds many readings.

    The double waits until a token is read: those that come before a busy client gets the processor would be one piece.
    """
    opened: list[socket.socket] = []
    connect = StampedConnection._new_conn

    def connected(self: StampedConnection) -> socket.socket:
        opened.append(connect(self))
        return opened[-1]

    monkeypatch.setattr(StampedConnection, "_new_conn", connected)
    watched.double.is_read = lambda: not any(map(unread, opened))
    watched.double.timing = Timing(load=60, first=60, each=4)
    watched.double.last = {}
    return watched


@pytest.mark.parametrize(
    ("test_type", "phases"),
    [
        ("decode", ["prefill", "decode"]),
        ("cold-start", ["load", "prefill", "decode"]),
        ("embedding", ["prefill"]),
        ("concurrency", ["prefill", "decode"]),
    ],
)
def test_a_run_keeps_the_phases_of_each_request(slow: Lab, test_type: str, phases: list[str]) -> None:
    options = {
        "concurrency": {"users": 2, "requestsPerUser": 1, "durationSeconds": 0},
        "embedding": {"inputTokens": 32, "batchSize": 1},
    }
    test = slow.test(test_type, maxRepetitions=1, **options.get(test_type, {}))
    slow.run(test)
    (run,) = sessions.runs(test)
    found = order(run.record)
    assert found == phases * (len(found) // len(phases))
    assert len(run.record["requests"]) >= options.get(test_type, {}).get("users", 1)
    start, end = run.record["window"]
    error = run.record["clockError"]
    assert error is not None
    assert error > 0
    for phase in run.record["phases"]:
        assert start - error <= phase["start"] < phase["end"] <= end + 1 + error


def test_phases_without_a_sampler_have_no_values(slow: Lab) -> None:
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


def test_energy_per_token_matches_the_power(slow: Lab) -> None:
    test = slow.test(minRepetitions=3, maxRepetitions=3)
    with sampler(slow.redis, steady):
        metrics = slow.run(test)
    expected = WATTS * metrics["inferenceTime"] / 1000 / 16
    assert metrics["energyPerToken"] == pytest.approx(expected, rel=0.3)
    assert abs(metrics["energyPerTokenAboveIdle"]) < 0.3 * expected
    assert abs(metrics["energyPerTokenAboveLoaded"]) < 0.3 * expected
    energy = metrics["statistics"]["energyPerToken"]
    assert (energy["n"], energy["unit"], energy["value"]) == (3, "J/token", metrics["energyPerToken"])


def test_energy_is_unknown_without_a_source(slow: Lab) -> None:
    with sampler(slow.redis, without_power):
        metrics = slow.run(slow.test(maxRepetitions=1))
    assert metrics["phases"]["decode"]["cpu"] == {"mean": 10, "peak": 10}
    assert metrics["phases"]["decode"]["energy"] is None
    assert metrics["energyPerToken"] is None
    assert "energyPerToken" not in metrics["statistics"]


def test_energy_is_unknown_if_the_sampler_died_before_the_run(slow: Lab) -> None:
    slow.double.timing = Timing(first=60, each=20)
    test = slow.test(maxRepetitions=1)
    runner = slow.runner(test)
    with sampler(slow.redis, steady):
        steps = blocks_of(runner)
        next(steps)  # up to the run
    for _ in steps:
        pass
    metrics = runner.metrics.as_json()
    assert metrics["phases"]["idle"]["energy"]["value"] > 0
    assert (metrics["phases"]["decode"]["readings"], metrics["phases"]["decode"]["energy"]) == (0, None)
    assert metrics["energyPerToken"] is metrics["energyPerTokenAboveIdle"] is None


def test_a_gap_in_the_readings_is_flagged(slow: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "MAX_GAP_MS", 100)
    slow.double.timing = Timing(first=60, each=20)
    runner = slow.runner(slow.test(maxRepetitions=1))
    with sampler(slow.redis, steady):
        steps = blocks_of(runner)
        next(steps)  # up to the run
    for _ in steps:
        pass
    assert find_verdict(runner.metrics.as_json(), "readings-gap")["evidence"]["gap"] > 100


def test_only_the_first_request_loads_a_swapped_model(slow: Lab) -> None:
    slow.double.models, slow.double.max_loaded = ("tiny:latest", "other:latest"), 1
    test = slow.test("model-swap", minRepetitions=1, maxRepetitions=1)
    slow.run(test)
    assert order(sessions.runs(test)[0].record) == ["load", "prefill", "decode", "prefill", "decode"]


# The idle machine


def test_the_baseline_is_stored_with_its_test_and_logged(slow: Lab) -> None:
    test = slow.test(maxRepetitions=1)
    with sampler(slow.redis, steady):
        metrics = slow.run(test)
    (stored,) = sessions.tests(test.session.id)
    assert stored.baseline is not None
    assert stored.baseline["start"] < stored.baseline["end"]
    assert stored.baseline["usage"]["cpu"] == 10
    assert stored.baseline["observed"] == metrics["phases"]["idle"]
    assert stored.baseline["models"] == []
    assert stored.baseline["end"] < stored.baseline["loaded"]["start"]
    assert sum(line.startswith("idle baseline") for line in lines(test)) == 2


@pytest.mark.parametrize(("first", "baselines"), [(steady, 2), (None, 1)])
def test_a_resumed_test_records_a_baseline_only_if_it_has_none(
    slow: Lab, first: Callable[[int], Reading] | None, baselines: int
) -> None:
    test = slow.test(maxRepetitions=1)
    if first:
        with sampler(slow.redis, first):
            slow.run(test, by="one")
    else:
        slow.run(test, by="one")
    (again,) = sessions.tests(test.session.id)
    before = again.baseline
    with sampler(slow.redis, lambda at: replace(steady(at), cpu=None)):
        metrics = slow.run(again, by="two")
    if before:
        assert metrics["phases"]["idle"] == before["observed"]
    assert (before is None) == (metrics["phases"]["idle"]["cpu"] is None)
    assert sum(line.startswith("idle baseline") for line in lines(test)) == baselines


# Sustained


def test_a_sustained_test_compares_clocks_and_temperatures_of_its_ends(slow: Lab) -> None:
    test = slow.test("sustained", durationSeconds=1, outputTokens=16)
    with sampler(slow.redis, steady):
        slow.run(test)
    run = sessions.runs(test)[0]
    hot = deepcopy(run)
    hot.record["observed"]["decode"] |= {
        "smClock": {"mean": 1200, "peak": 1200},
        "gpuTemperature": {"mean": 80, "peak": 80},
    }
    found = overall([run, run, run, run, hot])
    assert (found["firstFifthSmClock"], found["lastFifthSmClock"]) == (1500, 1200)
    assert (found["firstFifthGpuTemperature"], found["lastFifthGpuTemperature"]) == (60, 80)
    assert found["lastFifthCpuTemperature"] is None
    few = overall([run, run, run, hot])
    assert set(few.values()) == {None}


def overall(runs: list[Run]) -> Metrics:
    return Sustained().overall([PointRuns(0, {}, runs)])
