"""Verdicts on the machine, from the sampler's readings: whether it was free of other load, and at full speed."""

from common.catalogue.verdicts import on_runs, on_tests
from worker.machine.usage import Usage
from worker.verdicts import Verdict

MAX_FOREIGN_CPU = 20.0
"""Percent of the whole machine. A desktop, the sampler and this worker together need much less."""
MAX_FOREIGN_GPU = 10.0
"""Percent. A desktop that draws needs less."""
SLOWED = 0.85
MIN_FREQUENCY_READINGS = 5
"""A frequency is a momentary value, and a difference between fewer of them is chance."""
MAX_GAP_MS = 2000
MAX_GAP_PERIODS = 5
"""On a busy machine, single readings are late."""
MAX_SWAP_GROWTH = 64 << 20
"""Bytes. Idle programs are swapped out by less even if memory is not short."""
MAX_SWAP_SHARE = 10.0
"""Percent of the RAM. A machine with more in swap is short of memory."""


def foreign_load(idle: Usage) -> Verdict | None:
    """Flag other programs that are busy while no request runs."""
    cpu, gpu = idle.foreign or 0.0, idle.busiest_gpu or 0.0
    if cpu <= MAX_FOREIGN_CPU and gpu <= MAX_FOREIGN_GPU:
        return None
    evidence = {
        "foreignCpu": _rounded(idle.foreign),
        "gpu": _rounded(idle.busiest_gpu),
        "processes": _processes(idle),
        "readings": idle.readings,
    }
    return Verdict.of(on_tests.FOREIGN_LOAD, evidence)


def foreign_load_during(usage: Usage) -> Verdict | None:
    """Flag other programs that are busy during the runs. Their GPU memory alone, `foreignVram`, slows nothing down."""
    if (usage.foreign or 0.0) <= MAX_FOREIGN_CPU and (usage.foreign_gpu or 0.0) <= MAX_FOREIGN_GPU:
        return None
    evidence = {
        "foreignCpu": _rounded(usage.foreign),
        "cpu": _rounded(usage.cpu),
        "foreignGpu": _rounded(usage.foreign_gpu),
        "foreignVram": usage.foreign_vram,
        "processes": _processes(usage),
        "readings": usage.readings,
    }
    return Verdict.of(on_tests.FOREIGN_LOAD_DURING, evidence)


def throttled(usage: Usage) -> Verdict | None:
    """Flag lowered GPU clocks. `reasons` in the evidence are shares of the readings in percent."""
    if not usage.throttle:
        return None
    shares = {reason: round(100 * count / usage.readings, 1) for reason, count in usage.throttle.items()}
    return Verdict.of(on_tests.THROTTLED, {"reasons": shares, "readings": usage.readings})


def on_battery(usage: Usage) -> Verdict | None:
    """Flag readings on battery. `onBattery` in the evidence is their share, `percent` the battery's charge."""
    if not usage.on_battery:
        return None
    evidence = {"percent": _rounded(usage.charge), "onBattery": _rounded(usage.on_battery), "readings": usage.readings}
    return Verdict.of(on_tests.ON_BATTERY, evidence)


def cpu_slowed(first: Usage, last: Usage) -> Verdict | None:
    """Flag a lower frequency of the processors in the last fifth of the runs than in the first."""
    if min(first.readings, last.readings) < MIN_FREQUENCY_READINGS or first.frequency is None or last.frequency is None:
        return None
    if last.frequency >= SLOWED * first.frequency:
        return None
    return Verdict.of(on_tests.CPU_SLOWED, {"first": round(first.frequency), "last": round(last.frequency)})


def swapping(usage: Usage) -> Verdict | None:
    """Flag memory that was swapped out during the test, and much memory in swap before."""
    if usage.swap_first is None or usage.swap_last is None or usage.swap_share is None:
        return None
    growth = usage.swap_last - usage.swap_first
    if growth <= MAX_SWAP_GROWTH and usage.swap_share <= MAX_SWAP_SHARE:
        return None
    evidence = {"swapUsed": usage.swap_last, "growth": growth, "share": _rounded(usage.swap_share)}
    return Verdict.of(on_tests.SWAPPING, evidence)


def readings_gap(gap_ms: float, period_ms: float | None) -> Verdict | None:
    """Flag a long gap between readings. What the machine did in the gap is unknown."""
    if period_ms is None or gap_ms <= max(MAX_GAP_MS, MAX_GAP_PERIODS * period_ms):
        return None
    return Verdict.of(on_runs.READINGS_GAP, {"gap": gap_ms})


def no_readings() -> Verdict:
    return Verdict.of(on_tests.NO_READINGS, {"readings": 0})


def _processes(usage: Usage) -> dict[str, float] | None:
    """Return the busiest processes with their shares of the machine's CPU; None if no name is known."""
    return {name: round(share, 1) for name, share in (usage.busiest or {}).items()} or None


def _rounded(percent: float | None) -> float | None:
    return None if percent is None else round(percent, 1)
