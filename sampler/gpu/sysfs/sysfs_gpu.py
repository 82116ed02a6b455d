"""GPUs whose driver reports in sysfs: the common part of AMD's and Intel's."""

from abc import ABC, abstractmethod
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

from sampler.gpu import plausible_values
from sampler.gpu.plausible_values import Fields
from sampler.gpu.sysfs import fdinfo
from sampler.gpu.sysfs.drm_card import Card
from sampler.loop.schedule import Clock, Throttled
from sampler.readings import GpuReading
from sampler.tolerant_read import NotReportedError, TolerantReads

SLOW_S = 1.0
"""Time between reads of the link and of Ollama's memory, which means reading all of its open files."""

UNREPORTED = "its driver does not report it in sysfs"
NOT_USED = "no process of Ollama is known to have memory on it"
MAX_OLLAMAS = 16
"""Number of sets of processes whose memory is kept."""


class SysfsGpu(ABC):
    """One card. Each vendor has its own subclass."""

    vendor: str

    def __init__(self, card: Card, index: int, root: Path, clock: Clock) -> None:
        self._card = card
        self.index = index
        self._root = root
        self._reads = TolerantReads(f"gpu {index}")
        self._name: str | None = None
        self._integrated: bool | None = None
        self._pids: Collection[int] = ()
        self._clock = clock
        self._memory_of: dict[frozenset[int], Throttled[dict[str, Any]]] = {}
        self._fields = plausible_values.checked(self.vendor_fields(card), UNREPORTED)
        self._slow_fields = plausible_values.checked(
            {
                "memory_total": self.total_memory,
                "memory_ollama": lambda: self._ollama_memory(self._pids),
                "pcie_generation": card.generation,
                "pcie_width": card.width,
            },
            UNREPORTED,
        )
        self._slow = Throttled(self._read_slow, SLOW_S, clock)
        self._read_name()

    @property
    def shares_memory(self) -> bool:
        """Whether the GPU uses the machine's memory."""
        if self._integrated is None:
            self._integrated = self._reads.read("kind of memory", self.is_integrated)
        return bool(self._integrated)

    @abstractmethod
    def is_integrated(self) -> bool:
        """Return whether the GPU is inside the processor."""

    @abstractmethod
    def total_memory(self) -> int | None:
        """Return the bytes of memory that the GPU can use, its own and the machine's."""

    @abstractmethod
    def shared_memory(self) -> int | None:
        """Return the part of `total_memory` that is the machine's memory."""

    @abstractmethod
    def vendor_fields(self, card: Card) -> Fields:
        """Return the reads of those fields of a reading that this vendor's driver reports in its own way."""

    def driver(self) -> str | None:
        return self._card.driver

    def read(self, ollama: Collection[int]) -> GpuReading:
        self._pids = ollama
        fields = self._slow() | plausible_values.read(self._fields, self._reads)
        plausible_values.compare(fields, self._reads)
        return GpuReading(index=self.index, name=self._name, vendor=self.vendor, **fields)

    def attributed(self, reading: GpuReading, ollama: Collection[int]) -> GpuReading:
        """Return the reading as that of another Ollama, whose process ids these are."""
        pids = frozenset(ollama)
        if pids not in self._memory_of:
            if len(self._memory_of) >= MAX_OLLAMAS:  # of processes that have ended
                self._memory_of.clear()
            fields = plausible_values.checked({"memory_ollama": lambda: self._ollama_memory(pids)})
            self._memory_of[pids] = Throttled(lambda: plausible_values.read(fields, self._reads), SLOW_S, self._clock)
        return replace(reading, **self._memory_of[pids]())

    def inventory(self) -> dict[str, Any]:
        self._read_name()
        return {
            "model": self._name,
            "driver": self._reads.read("driver", self.driver),
            "memory": self._reads.read("memory total", self._slow_fields["memory_total"]),
            "shared": self._reads.read("shared memory", self.shared_memory),
            "vendor": self.vendor,
            "instances": [],
        }

    def missing(self) -> dict[str, str]:
        """Return the values that are unknown, each with the reason."""
        self.read(self._pids)
        return self._reads.missing

    def _read_slow(self) -> dict[str, Any]:
        self._read_name()
        return plausible_values.read(self._slow_fields, self._reads)

    def _read_name(self) -> None:
        if self._name is None:
            self._name = self._reads.read("name", lambda: self._card.model(self.vendor, self._root))

    def _ollama_memory(self, pids: Collection[int]) -> int:
        address = self._card.address or ""
        found = fdinfo.memory(self._root, address, pids, shared=self.shares_memory)
        if found is None:
            raise NotReportedError(NOT_USED)
        return found
