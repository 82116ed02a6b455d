"""What the machine was like at one moment: frozen snapshots, apart from the devices they were read from.

Shares are in percent 0-100 of the whole, memory in bytes, frequencies in MHz, temperatures in degrees Celsius,
power in watts, energy in joules. None is a value: it could not be known.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any


@dataclass(frozen=True)
class Cpu:
    percent: float
    per_core: tuple[float, ...]
    frequency: float | None
    temperature: float | None


@dataclass(frozen=True)
class Memory:
    total: int
    used: int
    available: int
    swap_used: int


@dataclass(frozen=True)
class Ollama:
    """Ollama's processes together; `memory` is the sum of their RSS."""

    processes: int
    cpu: float | None
    memory: int


@dataclass(frozen=True)
class Gpu:
    """`energy` counts from the load of the driver; an empty `throttle` means that nothing holds the clocks back.
    `utilization_foreign` is that of the busiest process which is not Ollama's, a mean over the last second. The link to
    the machine is `pcie_width` lanes of PCIe `pcie_generation` as it runs now; an idle GPU lets it fall.
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
class Energy:
    """`package` counts the joules of all CPU packages from the start of the sampler."""

    package: float | None


@dataclass(frozen=True)
class Battery:
    """The batteries that feed the machine; `plugged` is False while it runs on them, `percent` their mean charge."""

    plugged: bool | None
    percent: float | None


@dataclass(frozen=True)
class ProcessUsage:
    """Processes of one name together; `cpu` is their share of the whole machine in the last two seconds or so."""

    name: str
    cpu: float


@dataclass(frozen=True)
class Reading:
    """One beat. `ollama` is None where no process of it is seen, `battery` where the machine has none, any other part
    where its probe failed. `busiest` are at most three that are not Ollama's, the busiest first.
    """

    host: str
    cpu: Cpu | None
    memory: Memory | None
    ollama: Ollama | None
    gpus: tuple[Gpu, ...] | None
    energy: Energy
    battery: Battery | None = None
    busiest: tuple[ProcessUsage, ...] | None = None

    def message(self) -> dict[str, Any]:
        """The reading as it travels, with names in camelCase."""
        return {_camel(name): _document(part) for name, part in vars(self).items()}


def _document(part: object) -> Any:  # noqa: ANN401 - JSON
    """By hand, because `asdict` copies every number deeply and takes as long as the reading."""
    if isinstance(part, tuple):
        return [_document(each) for each in part]
    fields = getattr(part, "__dict__", None)
    return part if fields is None else {_camel(name): value for name, value in fields.items()}


@cache
def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)
