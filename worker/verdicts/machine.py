"""Verdicts on the machine, from the sampler's readings: whether it was free of other load, and at full speed."""

from common.catalogue.verdicts import on_runs, on_tests
from common.catalogue.verdicts.verdict_type import VerdictType
from common.records import disturbances
from common.records.disturbances import MAX_FOREIGN_CPU, MAX_FOREIGN_GPU, processes, rounded
from common.records.usage import Usage
from common.values.free_json import Json
from worker.verdicts import Verdict

SLOWED = 0.85
MIN_FREQUENCY_READINGS = 5
"""A frequency is a momentary value, and a difference between fewer of them is chance."""
MAX_GAP_MS = 2000
MAX_GAP_PERIODS = 5
"""On a busy machine, single readings are late."""


def foreign_load(idle: Usage) -> Verdict | None:
    """Flag other programs that are busy while no request runs."""
    cpu, gpu = idle.foreign or 0.0, idle.busiest_gpu or 0.0
    if cpu <= MAX_FOREIGN_CPU and gpu <= MAX_FOREIGN_GPU:
        return None
    evidence = {
        "foreignCpu": rounded(idle.foreign),
        "gpu": rounded(idle.busiest_gpu),
        "processes": processes(idle),
        "readings": idle.readings,
    }
    return Verdict.of(on_tests.FOREIGN_LOAD, evidence)


def foreign_load_during(usage: Usage) -> Verdict | None:
    """Flag other programs that are busy during the runs."""
    return _flagged(on_tests.FOREIGN_LOAD_DURING, disturbances.foreign_load(usage))


def throttled(usage: Usage) -> Verdict | None:
    """Flag lowered GPU clocks."""
    return _flagged(on_tests.THROTTLED, disturbances.throttled(usage))


def on_battery(usage: Usage) -> Verdict | None:
    """Flag readings on battery."""
    return _flagged(on_tests.ON_BATTERY, disturbances.on_battery(usage))


def cpu_slowed(first: Usage, last: Usage) -> Verdict | None:
    """Flag a lower frequency of the processors in the last fifth of the runs than in the first."""
    if min(first.readings, last.readings) < MIN_FREQUENCY_READINGS or first.frequency is None or last.frequency is None:
        return None
    if last.frequency >= SLOWED * first.frequency:
        return None
    return Verdict.of(on_tests.CPU_SLOWED, {"first": round(first.frequency), "last": round(last.frequency)})


def swapping(usage: Usage) -> Verdict | None:
    """Flag memory that was swapped out during the test, and much memory in swap before."""
    return _flagged(on_tests.SWAPPING, disturbances.swapping(usage))


def readings_gap(gap_ms: float, period_ms: float | None) -> Verdict | None:
    """Flag a long gap between readings. What the machine did in the gap is unknown."""
    if period_ms is None or gap_ms <= max(MAX_GAP_MS, MAX_GAP_PERIODS * period_ms):
        return None
    return Verdict.of(on_runs.READINGS_GAP, {"gap": gap_ms})


def no_readings() -> Verdict:
    return Verdict.of(on_tests.NO_READINGS, {"readings": 0})


def _flagged(declared: VerdictType, evidence: Json | None) -> Verdict | None:
    return None if evidence is None else Verdict.of(declared, evidence)
