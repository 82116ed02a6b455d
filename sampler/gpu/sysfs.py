"""GPUs whose driver reports in sysfs: the common part of AMD's and Intel's."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from sampler.gpu import fdinfo
from sampler.gpu.drm import Card
from sampler.readings import GpuReading
from sampler.schedule import Clock, Throttled

SLOW_S = 1.0
"""Time between reads of the link and of Ollama's memory, which means reading all of its open files."""

EXPECTED = ("utilization", "memory_used", "power", "energy", "temperature", "sm_clock")


class SysfsGpu(ABC):
    """One card. Each vendor has its own subclass."""

    vendor: str

    def __init__(self, card: Card, index: int, root: Path, clock: Clock) -> None:
        self._card = card
        self._index = index
        self._root = root
        self._name = card.model(self.vendor, root)
        self._total = self.total_memory(card)
        self._pids: Collection[int] = ()
        self._link = Throttled(card.link, SLOW_S, clock)
        self._memory_ollama = Throttled(self._ollama_memory, SLOW_S, clock)

    @staticmethod
    @abstractmethod
    def total_memory(card: Card) -> int | None:
        """Return the bytes of the card's own memory."""

    @abstractmethod
    def vendor_fields(self, card: Card) -> dict[str, Any]:
        """Return the fields of a reading that this vendor's driver reports in its own way."""

    def driver(self) -> str | None:
        return self._card.driver

    def read(self, ollama: Collection[int]) -> GpuReading:
        self._pids = ollama
        generation, width = self._link()
        return GpuReading(
            index=self._index,
            name=self._name,
            memory_total=self._total,
            memory_ollama=self._memory_ollama(),
            pcie_generation=generation,
            pcie_width=width,
            vendor=self.vendor,
            **self.vendor_fields(self._card),
        )

    def inventory(self) -> dict[str, Any]:
        return {
            "model": self._name,
            "driver": self.driver(),
            "memory": self._total,
            "vendor": self.vendor,
            "instances": [],
        }

    def missing(self) -> dict[str, str]:
        """Return the values that the driver does not report, each with the reason."""
        reading = self.read(self._pids)
        names = [name.replace("_", " ") for name in EXPECTED if getattr(reading, name) is None]
        return {f"gpu {self._index} {name}": "its driver does not report it in sysfs" for name in names}

    def _ollama_memory(self) -> int | None:
        return fdinfo.video_memory(self._root, self._card.address or "", self._pids)


class SysfsGpus:
    """All GPUs of one vendor."""

    def __init__(self, gpus: Sequence[SysfsGpu]) -> None:
        self._gpus = gpus

    def read(self, ollama: Collection[int]) -> tuple[GpuReading, ...]:
        return tuple(gpu.read(ollama) for gpu in self._gpus)

    def inventory(self) -> list[dict[str, Any]]:
        return [gpu.inventory() for gpu in self._gpus]

    def missing(self) -> dict[str, str]:
        return {name: reason for gpu in self._gpus for name, reason in gpu.missing().items()}
