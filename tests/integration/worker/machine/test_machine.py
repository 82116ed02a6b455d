"""Whole test runs with a sampler on the machine."""

from dataclasses import replace

import pytest

from common.ollama.client import Ollama
from common.store.tables import Phase
from sampler.readings import CpuReading, EnergyReading, GpuReading, MemoryReading, ProcessUsage, Reading
from sampler.readings import OllamaReading as Processes
from testbed.single_test import blocks_of
from tests.integration.worker.lab import Lab, find_verdict, logged, verdicts
from tests.support.machine.regular_sampler import sampler
from worker.machine import monitor
from worker.ollama.client import Driver
from worker.procedure.progress import TestProgress
from worker.test_types.cold_start import ColdStart
from worker.test_types.decode import Decode
from worker.workload.test_type import Workload

pytestmark = [pytest.mark.usefixtures("tables"), pytest.mark.slow]

IDLE = Reading(
    "local",
    CpuReading(40, (40,), 4000, None),
    MemoryReading(1 << 30, 0, 0, 0),
    Processes(1, 39, 1000),
    (),
    EnergyReading(None),
)
SHARED = GpuReading(0, "G", 80, 3000, None, 1000, None, None, None, None, None, (), utilization_foreign=40)
MACHINE = {"no-readings", "foreign-load", "foreign-load-during", "throttled", "cpu-slowed", "swapping"}


def test_the_metrics_hold_the_usage_during_the_runs(watched: Lab) -> None:
    with sampler(watched.redis, lambda _: IDLE):
        metrics = watched.run(watched.test(minRepetitions=3, maxRepetitions=3))
    assert (metrics["ramUsage"], metrics["cpuUsage"], metrics["vramUsage"]) == (1000, 40, None)
    assert metrics["readings"] > 0
    assert not MACHINE & verdicts(metrics)


def test_load_before_and_during_the_runs_is_flagged_and_logged(watched: Lab) -> None:
    assert IDLE.cpu is not None
    busy = replace(IDLE, cpu=replace(IDLE.cpu, percent=90), busiest=(ProcessUsage("cc1", 45.5),))
    test = watched.test()
    with sampler(watched.redis, lambda _: busy):
        metrics = watched.run(test)
    assert MACHINE & verdicts(metrics) == {"foreign-load", "foreign-load-during"}
    for name in ("foreign-load", "foreign-load-during"):
        evidence = find_verdict(metrics, name)["evidence"]
        assert (evidence["foreignCpu"], evidence["processes"]) == (51, {"cc1": 45.5})
        assert logged(test, name) == 1


@pytest.mark.parametrize(("scan_delay_ms", "workload"), [(60_000, Decode()), (0, ColdStart())])
def test_a_runner_that_the_sampler_may_not_know_yet_is_not_foreign(
    watched: Lab, monkeypatch: pytest.MonkeyPatch, scan_delay_ms: int, workload: Workload
) -> None:
    assert IDLE.cpu is not None
    monkeypatch.setattr(monitor, "SCAN_DELAY_MS", scan_delay_ms)
    busy = replace(IDLE, cpu=replace(IDLE.cpu, percent=90), gpus=(SHARED,))
    with sampler(watched.redis, lambda _: busy):
        metrics = watched.run(watched.test(), workload=workload)
    assert MACHINE & verdicts(metrics) == {"foreign-load"}
    assert metrics["cpuUsage"] == 90


def test_a_runner_that_starts_between_the_runs_is_not_foreign(watched: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after the runs of another model."""
    assert IDLE.cpu is not None
    busy = replace(IDLE, cpu=replace(IDLE.cpu, percent=90))
    test = watched.test(minRepetitions=3, maxRepetitions=3)

    def unload_once(progress: TestProgress) -> None:
        if progress.test.phase == Phase.MEASURING and not monitor.SCAN_DELAY_MS:
            monkeypatch.setattr(monitor, "SCAN_DELAY_MS", 60_000)
            Driver(Ollama(watched.double.url)).unload(test.model)

    runner = watched.runner(test, unload_once)
    with sampler(watched.redis, lambda _: busy):
        for _ in blocks_of(runner):
            pass
    assert MACHINE & verdicts(runner.metrics.as_json()) == {"foreign-load"}


def test_a_machine_that_changes_during_a_test_is_flagged(watched: Lab) -> None:
    """After the third run the machine swaps and slows down, and its GPU overheats."""
    assert IDLE.cpu is not None
    assert IDLE.memory is not None
    hot = GpuReading(0, "G", 100, None, None, None, None, None, None, None, None, ("hardware thermal",))
    after = replace(
        IDLE, cpu=replace(IDLE.cpu, frequency=3000), memory=replace(IDLE.memory, swap_used=100 << 20), gpus=(hot,)
    )
    seen = watched.double.requests
    with sampler(watched.redis, lambda _: after if sum(one.options["num_predict"] == 16 for one in seen) > 5 else IDLE):
        metrics = watched.run(watched.test(minRepetitions=5, maxRepetitions=5))
    assert MACHINE & verdicts(metrics) == {"throttled", "cpu-slowed", "swapping"}
    assert find_verdict(metrics, "cpu-slowed")["evidence"] == {"first": 4000, "last": 3000}
    assert find_verdict(metrics, "swapping")["evidence"]["growth"] == 100 << 20
    assert 0 < find_verdict(metrics, "throttled")["evidence"]["reasons"]["hardware thermal"] < 100


def test_a_gpu_that_is_busy_before_the_test_is_flagged(watched: Lab) -> None:
    playing = GpuReading(0, "G", 80, None, None, None, None, None, None, None, None, ())
    with sampler(watched.redis, lambda _: replace(IDLE, gpus=(playing,))):
        metrics = watched.run(watched.test())
    assert find_verdict(metrics, "foreign-load")["evidence"]["gpu"] == 80


def test_a_gpu_used_by_other_programs_during_the_runs_is_flagged(watched: Lab) -> None:
    """The same holds before the test, when all usage counts as foreign."""
    with sampler(watched.redis, lambda _: replace(IDLE, gpus=(SHARED,))):
        metrics = watched.run(watched.test())
    evidence = find_verdict(metrics, "foreign-load-during")["evidence"]
    assert (evidence["foreignGpu"], evidence["foreignVram"]) == (40, 2000)


def test_a_gpu_that_does_not_hold_the_model_is_flagged(watched: Lab) -> None:
    watched.double.size_vram_share = 1.0
    empty = GpuReading(0, "G", 0, 5, None, 0, None, None, None, None, None, ())
    with sampler(watched.redis, lambda _: replace(IDLE, gpus=(empty,))):
        test = watched.test()
        metrics = watched.run(test)
    evidence = find_verdict(metrics, "vram-disagrees")["evidence"]
    assert evidence["sizeVram"] > 5
    assert (evidence["vram"], evidence["foreignVram"]) == (0, 5)
    assert logged(test, "vram-disagrees") == 1
