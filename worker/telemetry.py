"""The readings of a run's window: what the machine did while the model worked."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from statistics import fmean
from typing import Any, Self

from redis import Redis

from common import streams
from common.redis import readings_of

Reading = dict[str, Any]


@dataclass(frozen=True)
class Usage:
    """Means over `readings` readings: memory in bytes, CPU (of the whole machine) and GPU (over all) in percent.

    None is unknown: no reading fell into the window, or its machine does not tell.
    """

    readings: int
    ram: float | None
    vram: float | None
    cpu: float | None
    gpu: float | None

    def describe(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def joined(cls, usages: Iterable[dict[str, Any]]) -> Self:
        """The means over several windows, each weighted by its readings."""
        usages = [usage for usage in usages if usage["readings"]]
        means = {name.name: _weighted(usages, name.name) for name in fields(cls) if name.name != "readings"}
        return cls(readings=sum(usage["readings"] for usage in usages), **means)


def usage(redis: Redis, host: str, start_ms: int, end_ms: int) -> Usage:
    """What the host's sampler saw in a window on the Redis server's clock."""
    found = streams.read(redis, readings_of(host), after=start_ms - 1, until=end_ms)
    readings = [reading for _, reading in found]
    return Usage(
        readings=len(readings),
        ram=_mean(_ollama_memory(reading) for reading in readings),
        vram=_mean(_ollama_vram(reading) for reading in readings),
        cpu=_mean(reading["cpu"]["percent"] for reading in readings if reading["cpu"]),
        gpu=_mean(_gpu_utilization(reading) for reading in readings),
    )


def _ollama_memory(reading: Reading) -> float | None:
    return float(reading["ollama"]["memory"]) if reading["ollama"] else None


def _ollama_vram(reading: Reading) -> float | None:
    known = [gpu["memoryOllama"] for gpu in reading["gpus"] or () if gpu["memoryOllama"] is not None]
    return sum(known) if known else None


def _gpu_utilization(reading: Reading) -> float | None:
    return _mean(gpu["utilization"] for gpu in reading["gpus"] or ())


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known else None


def _weighted(usages: list[dict[str, Any]], name: str) -> float | None:
    known = [usage for usage in usages if usage[name] is not None]
    return fmean((usage[name] for usage in known), [usage["readings"] for usage in known]) if known else None
