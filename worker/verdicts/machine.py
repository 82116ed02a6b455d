"""Was the machine the model's alone, and at its full speed? By the sampler's readings."""

from worker.machine.usage import Usage
from worker.verdicts import Severity, Verdict

FOREIGN_CPU = 20.0
"""Percent of the whole machine: what a desktop, the sampler and this worker need together stays well below."""
FOREIGN_GPU = 10.0
"""Percent: a desktop that draws stays below."""
SLOWED = 0.85
SLOWED_READINGS = 5
"""A frequency is a momentary value; between fewer of them a fall is chance."""
SILENCE_MS = 2000
SILENT_PERIODS = 5
"""A busy machine makes single readings late."""
SWAP_GROWTH = 64 << 20
"""Bytes: what idle programs are moved out by without any pressure is less."""
SWAP_SHARE = 10.0
"""Percent of the RAM: a machine that holds so much outside is short of it."""


def foreign_load(quiet: Usage) -> Verdict | None:
    """Somebody else works on this machine while no request of ours runs."""
    cpu, gpu = quiet.foreign or 0.0, quiet.busiest_gpu or 0.0
    if cpu <= FOREIGN_CPU and gpu <= FOREIGN_GPU:
        return None
    evidence = {
        "foreignCpu": _rounded(quiet.foreign),
        "gpu": _rounded(quiet.busiest_gpu),
        "processes": _processes(quiet),
        "readings": quiet.readings,
    }
    return Verdict("foreign-load", Severity.FLAGS, evidence, "end what else runs on this machine, then measure again")


def foreign_load_during(usage: Usage) -> Verdict | None:
    """`foreignVram` in the evidence is what others hold of the GPUs' memory, which alone slows nothing down."""
    if (usage.foreign or 0.0) <= FOREIGN_CPU and (usage.foreign_gpu or 0.0) <= FOREIGN_GPU:
        return None
    evidence = {
        "foreignCpu": _rounded(usage.foreign),
        "cpu": _rounded(usage.cpu),
        "foreignGpu": _rounded(usage.foreign_gpu),
        "foreignVram": usage.foreign_vram,
        "processes": _processes(usage),
        "readings": usage.readings,
    }
    advice = "other programs took part of the processors or of a GPU during the runs; end them, then measure again"
    return Verdict("foreign-load-during", Severity.FLAGS, evidence, advice)


def throttled(usage: Usage) -> Verdict | None:
    """`reasons` in the evidence are shares of the readings in percent."""
    if not usage.throttle:
        return None
    shares = {reason: round(100 * count / usage.readings, 1) for reason, count in usage.throttle.items()}
    evidence = {"reasons": shares, "readings": usage.readings}
    advice = "the GPU was held back; look at its cooling and its power limit (nvidia-smi -q -d PERFORMANCE)"
    return Verdict("throttled", Severity.FLAGS, evidence, advice)


def on_battery(usage: Usage) -> Verdict | None:
    """`onBattery` in the evidence is the share of the readings, `percent` the battery's charge."""
    if not usage.on_battery:
        return None
    evidence = {"percent": _rounded(usage.charge), "onBattery": _rounded(usage.on_battery), "readings": usage.readings}
    advice = "the machine saves power on battery; plug it in, then measure again"
    return Verdict("on-battery", Severity.FLAGS, evidence, advice)


def cpu_slowed(first: Usage, last: Usage) -> Verdict | None:
    """The processors' frequency fell from the first to the last fifth of the runs."""
    if min(first.readings, last.readings) < SLOWED_READINGS or first.frequency is None or last.frequency is None:
        return None
    if last.frequency >= SLOWED * first.frequency:
        return None
    evidence = {"first": round(first.frequency), "last": round(last.frequency)}
    advice = "the processors became slower: heat, a power limit or battery; look at cooling and power settings"
    return Verdict("cpu-slowed", Severity.FLAGS, evidence, advice)


def swapping(usage: Usage) -> Verdict | None:
    """Memory was moved to disk while the test ran, or much of it lay there already."""
    if usage.swap_first is None or usage.swap_last is None or usage.swap_share is None:
        return None
    growth = usage.swap_last - usage.swap_first
    if growth <= SWAP_GROWTH and usage.swap_share <= SWAP_SHARE:
        return None
    evidence = {"swapUsed": usage.swap_last, "growth": growth, "share": _rounded(usage.swap_share)}
    advice = "the RAM is too small for what runs here; end other programs or take a smaller model"
    return Verdict("swapping", Severity.FLAGS, evidence, advice)


def readings_gap(silence_ms: float, period_ms: float | None) -> Verdict | None:
    """The sampler told nothing for a while; who reads the run's metrics cannot know what the machine did then."""
    if period_ms is None or silence_ms <= max(SILENCE_MS, SILENT_PERIODS * period_ms):
        return None
    advice = "for so long no reading came: the sampler was away, or its machine slept; the metrics are of the rest"
    return Verdict("readings-gap", Severity.FLAGS, {"gap": silence_ms}, advice)


def no_readings() -> Verdict:
    return Verdict("no-readings", Severity.FLAGS, {"readings": 0}, "start the sampler on the machine under test")


def _processes(usage: Usage) -> dict[str, float] | None:
    """The busiest and their shares of the machine's CPU; None where no name is known."""
    return {name: round(share, 1) for name, share in (usage.busiest or {}).items()} or None


def _rounded(percent: float | None) -> float | None:
    return None if percent is None else round(percent, 1)
