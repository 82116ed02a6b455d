"""One reading of the machine, as frozen snapshots that do not depend on the devices they were read from.

Shares are in percent (0 to 100) of the whole, memory in bytes, frequencies in MHz, temperatures in degrees Celsius,
power in watts and energy in joules. None means unknown.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from common.records.readings import ReadingRecord


@dataclass(frozen=True)
class CpuReading:
    """`per_core` has None for a core that has just been switched on."""

    percent: float | None
    per_core: tuple[float | None, ...] | None
    frequency: float | None
    temperature: float | None


@dataclass(frozen=True)
class MemoryReading:
    total: int
    used: int
    available: int
    swap_used: int | None


@dataclass(frozen=True)
class OllamaReading:
    """All of Ollama's processes together. `memory` is the sum of their RSS."""

    processes: int
    cpu: float | None
    memory: int


@dataclass(frozen=True)
class GpuReading:
    """A reading of one GPU.

    `energy` counts since the driver was loaded. An empty `throttle` means that nothing limits the clocks.
    `utilization_foreign` is the load of the busiest process other than Ollama's, a mean over the last second. The
    current link has `pcie_width` lanes of `pcie_generation`, which an idle GPU may lower.
    """

    index: int
    name: str | None
    utilization: int | None = None
    memory_used: int | None = None
    memory_total: int | None = None
    memory_ollama: int | None = None
    power: float | None = None
    energy: float | None = None
    temperature: float | None = None
    sm_clock: int | None = None
    memory_clock: int | None = None
    throttle: tuple[str, ...] | None = None
    utilization_foreign: int | None = None
    memory_temperature: float | None = None
    pcie_generation: int | None = None
    pcie_width: int | None = None
    vendor: str | None = None


@dataclass(frozen=True)
class EnergyReading:
    """Energy counter. `package` counts the joules of all CPU packages since the sampler started or a reset."""

    package: float | None


@dataclass(frozen=True)
class BatteryReading:
    """The batteries that power the machine. `plugged` is False on battery; `percent` is the mean charge."""

    plugged: bool | None
    percent: float | None


@dataclass(frozen=True)
class ProcessUsage:
    """All processes of one name. `cpu` is their share of the whole machine over about two seconds."""

    name: str
    cpu: float


@dataclass(frozen=True)
class Reading:
    """One reading of the machine.

    `ollama` is None if it has no process, `battery` if the machine has none, any other part if it could not be read.
    `busiest` lists at most three processes other than Ollama's, the busiest first.
    """

    host: str
    cpu: CpuReading | None
    memory: MemoryReading | None
    ollama: OllamaReading | None
    gpus: tuple[GpuReading, ...] | None
    energy: EnergyReading
    battery: BatteryReading | None = None
    busiest: tuple[ProcessUsage, ...] | None = None

    def message(self) -> ReadingRecord:
        """Return the reading as a message, with names in camelCase."""
        return cast("ReadingRecord", {_camel(name): _document(part) for name, part in vars(self).items()})


def _document(part: object) -> Any:  # noqa: ANN401 - JSON
    """Convert a part to JSON types. `asdict` would copy every number deeply, which takes as long as the reading."""
    if isinstance(part, tuple):
        return [_document(each) for each in part]
    fields = getattr(part, "__dict__", None)
    return part if fields is None else {_camel(name): value for name, value in fields.items()}


@cache
def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)
