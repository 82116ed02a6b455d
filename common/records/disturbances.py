"""Disturbances of a machine, as its readings show them: other load, lower clocks, battery and swapping.

The worker flags the runs that they affect, and pages show them at once.
"""

from collections.abc import Callable, Iterator

from common.catalogue.verdicts import on_tests
from common.catalogue.verdicts.verdict_type import VerdictType
from common.records.usage import Usage
from common.records.verdicts import VerdictRecord
from common.values.free_json import Json

MAX_FOREIGN_CPU = 20.0
"""Percent of the whole machine. A desktop, the sampler and this worker together need much less."""
MAX_FOREIGN_GPU = 10.0
"""Percent. A desktop that draws needs less."""
MAX_SWAP_GROWTH = 64 << 20
"""Bytes. Idle programs are swapped out by less even if memory is not short."""
MAX_SWAP_SHARE = 10.0
"""Percent of the RAM. A machine with more in swap is short of memory."""


def disturbances(usage: Usage) -> Iterator[VerdictRecord]:
    """Yield the verdicts on a machine that measures, or is about to, with their evidence."""
    for declared, evidence_of in OF_USAGE:
        if (evidence := evidence_of(usage)) is not None:
            yield VerdictRecord(
                name=declared.name,
                severity=declared.severity.value,
                evidence=evidence,
                advice=declared.advice,
                point={},
            )


def foreign_load(usage: Usage) -> Json | None:
    """Return the evidence for other programs that are busy during the runs; None if they are not.

    Their GPU memory alone, `foreignVram`, slows nothing down.
    """
    if (usage.foreign or 0.0) <= MAX_FOREIGN_CPU and (usage.foreign_gpu or 0.0) <= MAX_FOREIGN_GPU:
        return None
    return {
        "foreignCpu": rounded(usage.foreign),
        "cpu": rounded(usage.cpu),
        "foreignGpu": rounded(usage.foreign_gpu),
        "foreignVram": usage.foreign_vram,
        "processes": processes(usage),
        "readings": usage.readings,
    }


def throttled(usage: Usage) -> Json | None:
    """Return the evidence for lowered GPU clocks. `reasons` are shares of the readings in percent."""
    if not usage.throttle:
        return None
    shares = {reason: round(100 * count / usage.readings, 1) for reason, count in usage.throttle.items()}
    return {"reasons": shares, "readings": usage.readings}


def on_battery(usage: Usage) -> Json | None:
    """Return the evidence for readings on battery. `onBattery` is their share, `percent` the battery's charge."""
    if not usage.on_battery:
        return None
    return {"percent": rounded(usage.charge), "onBattery": rounded(usage.on_battery), "readings": usage.readings}


def swapping(usage: Usage) -> Json | None:
    """Return the evidence for memory that was swapped out in the window, or much memory in swap before."""
    if usage.swap_first is None or usage.swap_last is None or usage.swap_share is None:
        return None
    growth = usage.swap_last - usage.swap_first
    if growth <= MAX_SWAP_GROWTH and usage.swap_share <= MAX_SWAP_SHARE:
        return None
    return {"swapUsed": usage.swap_last, "growth": growth, "share": rounded(usage.swap_share)}


def processes(usage: Usage) -> dict[str, float] | None:
    """Return the busiest processes with their shares of the machine's CPU; None if no name is known."""
    return {name: round(share, 1) for name, share in (usage.busiest or {}).items()} or None


def rounded(percent: float | None) -> float | None:
    return None if percent is None else round(percent, 1)


OF_USAGE: tuple[tuple[VerdictType, Callable[[Usage], Json | None]], ...] = (
    (on_tests.FOREIGN_LOAD_DURING, foreign_load),
    (on_tests.THROTTLED, throttled),
    (on_tests.SWAPPING, swapping),
    (on_tests.ON_BATTERY, on_battery),
)
