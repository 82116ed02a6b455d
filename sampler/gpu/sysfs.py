"""The GPUs of a vendor whose driver tells in sysfs: what AMD's and Intel's have in common."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from sampler.gpu import fdinfo
from sampler.gpu.drm import Card
from sampler.readings import Gpu
from sampler.schedule import Clock, Throttled

SLOW_S = 1.0
"""What changes slowly, and Ollama's memory, which takes a look at all of its open files."""

WANTED = ("utilization", "memory_used", "power", "energy", "temperature", "sm_clock")


class SysfsGpu(ABC):
    """One card; a class of its own for each vendor."""

    vendor: str

    def __init__(self, card: Card, index: int, root: Path, clock: Clock) -> None:
        self._card = card
        self._index = index
        self._root = root
        self._name = card.model(self.vendor, root)
        self._total = self.total_memory(card)
        self._pids: Collection[int] = ()
        self._link = Throttled(card.link, SLOW_S, clock)
        self._memory_ollama = Throttled(self._held, SLOW_S, clock)

    @staticmethod
    @abstractmethod
    def total_memory(card: Card) -> int | None:
        """Bytes of the card's own memory."""

    @abstractmethod
    def told(self, card: Card) -> dict[str, Any]:
        """The fields of a reading that this vendor's driver tells in its own way."""

    def driver(self) -> str | None:
        return self._card.driver

    def read(self, ollama: Collection[int]) -> Gpu:
        self._pids = ollama
        generation, width = self._link()
        return Gpu(
            index=self._index,
            name=self._name,
            memory_total=self._total,
            memory_ollama=self._memory_ollama(),
            pcie_generation=generation,
            pcie_width=width,
            vendor=self.vendor,
            **self.told(self._card),
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
        """What the driver does not tell, as the inventory has it."""
        reading = self.read(self._pids)
        names = [name.replace("_", " ") for name in WANTED if getattr(reading, name) is None]
        return {f"gpu {self._index} {name}": "its driver does not tell it in sysfs" for name in names}

    def _held(self) -> int | None:
        return fdinfo.video_memory(self._root, self._card.address or "", self._pids)


class SysfsGpus:
    """All of one vendor."""

    def __init__(self, gpus: Sequence[SysfsGpu]) -> None:
        self._gpus = gpus

    def read(self, ollama: Collection[int]) -> tuple[Gpu, ...]:
        return tuple(gpu.read(ollama) for gpu in self._gpus)

    def inventory(self) -> list[dict[str, Any]]:
        return [gpu.inventory() for gpu in self._gpus]

    def missing(self) -> dict[str, str]:
        return {what: reason for gpu in self._gpus for what, reason in gpu.missing().items()}
