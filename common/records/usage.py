"""Usage of the machine in a window, aggregated from its readings for the verdicts."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from heapq import nlargest
from statistics import fmean
from typing import Any, Self

from common.records.readings import GpuMeasure, ReadingRecord

MEANS = (
    *("ram", "vram", "cpu", "gpu", "foreign", "foreign_gpu", "foreign_vram", "busiest_gpu"),
    *("frequency", "on_battery", "charge"),
)
PERCENT = 100.0
BUSIEST = 3


@dataclass(frozen=True)
class Usage:
    """Usage in a window. Unknown values are None: the window holds no reading, or the machine does not report them.

    Means over `readings` readings: `ram` and `vram` of Ollama in bytes, `cpu` (of the whole machine), `gpu` (over all
    GPUs) and `busiest_gpu` in percent, `frequency` of the processors in MHz. `on_battery` is the share of the readings
    and `charge` the battery's charge, both in percent.

    `foreign` is the share of the machine's CPU that other programs than Ollama used, in percent. It may fall a little
    below 0, because both are counted in ticks. `foreign_gpu` is the highest share of a GPU used by another program.
    `foreign_vram` is the GPU memory in use that is not Ollama's in bytes, the driver's included.

    `throttle` counts the readings by reason for which a GPU was throttled. `swap_first` and `swap_last` are the bytes
    in swap at the beginning and end of the window, `swap_share` the maximum in percent of the RAM. `busiest` has up to
    three other programs with their shares of the machine's CPU.
    """

    readings: int
    ram: float | None
    vram: float | None
    cpu: float | None
    gpu: float | None
    foreign: float | None = None
    foreign_gpu: float | None = None
    foreign_vram: float | None = None
    busiest_gpu: float | None = None
    frequency: float | None = None
    throttle: dict[str, int] | None = None
    swap_first: int | None = None
    swap_last: int | None = None
    swap_share: float | None = None
    on_battery: float | None = None
    charge: float | None = None
    busiest: dict[str, float] | None = None

    def describe(self) -> dict[str, Any]:
        """Return the usage as it is stored."""
        return asdict(self)

    @classmethod
    def combine(cls, usages: Iterable[Self]) -> Self:
        """Return the usage over several windows in order. Means are weighted by readings."""
        usages = [usage for usage in usages if usage.readings]
        swaps = [usage for usage in usages if usage.swap_share is not None]
        return cls(
            **{name: _weighted(usages, name) for name in MEANS},
            readings=sum(usage.readings for usage in usages),
            throttle=_add_counts(usage.throttle for usage in usages),
            busiest=_busiest((usage.busiest, usage.readings) for usage in usages),
            swap_first=swaps[0].swap_first if swaps else None,
            swap_last=swaps[-1].swap_last if swaps else None,
            swap_share=max((usage.swap_share for usage in swaps if usage.swap_share is not None), default=None),
        )


def across_gpus(reading: ReadingRecord, name: GpuMeasure, combine: Callable[[list[float]], float]) -> float | None:
    """Combine a field of all GPUs that report it. Return None if no GPU does."""
    known = [value for gpu in reading["gpus"] or () if (value := gpu[name]) is not None]
    return combine(known) if known else None


def usage(readings: Sequence[ReadingRecord]) -> Usage:
    """Return the usage that the readings of a window show."""
    memories = [memory for reading in readings if (memory := reading["memory"])]
    swaps = [(used, memory["total"]) for memory in memories if (used := memory["swapUsed"]) is not None]
    return Usage(
        readings=len(readings),
        ram=_mean(_ollama_memory(reading) for reading in readings),
        vram=_mean(across_gpus(reading, "memoryOllama", sum) for reading in readings),
        cpu=_mean(reading["cpu"]["percent"] for reading in readings if reading["cpu"]),
        gpu=_mean(across_gpus(reading, "utilization", fmean) for reading in readings),
        foreign=_mean(_foreign(reading) for reading in readings),
        foreign_gpu=_mean(across_gpus(reading, "utilizationForeign", max) for reading in readings),
        foreign_vram=_mean(_foreign_vram(reading) for reading in readings),
        busiest_gpu=_mean(across_gpus(reading, "utilization", max) for reading in readings),
        frequency=_mean(reading["cpu"]["frequency"] for reading in readings if reading["cpu"]),
        throttle=_add_counts(_throttle(reading) for reading in readings),
        swap_first=swaps[0][0] if swaps else None,
        swap_last=swaps[-1][0] if swaps else None,
        swap_share=max((PERCENT * used / total for used, total in swaps), default=None),
        on_battery=_mean(_on_battery(reading) for reading in readings),
        busiest=_busiest((_by_name(reading), 1) for reading in readings),
        charge=_mean(reading["battery"]["percent"] for reading in readings if reading["battery"]),
    )


def _ollama_memory(reading: ReadingRecord) -> float | None:
    return float(reading["ollama"]["memory"]) if reading["ollama"] else None


def _foreign(reading: ReadingRecord) -> float | None:
    """Return None if the sampler does not see Ollama, because then all usage would seem foreign."""
    cpu = reading["cpu"]["percent"] if reading["cpu"] else None
    ollama = reading["ollama"]["cpu"] if reading["ollama"] else None
    return None if cpu is None or ollama is None else float(cpu - ollama)


def _foreign_vram(reading: ReadingRecord) -> float | None:
    pairs = [(gpu["memoryUsed"], gpu["memoryOllama"]) for gpu in reading["gpus"] or ()]
    known = [used - ollama for used, ollama in pairs if used is not None and ollama is not None]
    return sum(known) if known else None


def _on_battery(reading: ReadingRecord) -> float | None:
    battery = reading["battery"]
    return None if not battery or battery["plugged"] is None else PERCENT * (not battery["plugged"])


def _throttle(reading: ReadingRecord) -> dict[str, int] | None:
    """Return each reason once, for any number of GPUs."""
    known = [gpu["throttle"] for gpu in reading["gpus"] or () if gpu["throttle"] is not None]
    return dict.fromkeys((reason for reasons in known for reason in reasons), 1) if known else None


def _by_name(reading: ReadingRecord) -> dict[str, float] | None:
    return None if reading["busiest"] is None else {busy["name"]: busy["cpu"] for busy in reading["busiest"]}


def _busiest(weighted: Iterable[tuple[dict[str, float] | None, int]]) -> dict[str, float] | None:
    """Return the three programs with the largest mean shares. One that a reading does not name counts as 0 there."""
    known = [(shares, weight) for shares, weight in weighted if shares is not None]
    total = defaultdict[str, float](float)
    for shares, weight in known:
        for name, share in shares.items():
            total[name] += share * weight
    weights = sum(weight for _, weight in known)
    return {name: total[name] / weights for name in nlargest(BUSIEST, total, key=total.__getitem__)} if known else None


def _add_counts(counts: Iterable[dict[str, int] | None]) -> dict[str, int] | None:
    known = [count for count in counts if count is not None]
    return dict(sum(map(Counter, known), Counter[str]())) if known else None


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known else None


def _weighted(usages: Iterable[Usage], name: str) -> float | None:
    known = [(getattr(usage, name), usage.readings) for usage in usages if getattr(usage, name) is not None]
    return fmean(*zip(*known, strict=True)) if known else None


NO_USAGE = usage(())
