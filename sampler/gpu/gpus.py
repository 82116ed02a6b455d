"""The interface of every source of GPUs, and the sources for none, one and several vendors."""

from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import Any, Protocol, TypeVar

from sampler.readings import GpuReading
from sampler.tolerant_read import TolerantReads

T = TypeVar("T")

Readings = tuple[GpuReading, ...]


class Gpus(Protocol):
    def read(self, ollama: Collection[int]) -> tuple[GpuReading, ...]:
        """Return a reading of each GPU. `ollama` holds the process ids of Ollama."""

    def attributed(self, readings: Readings, ollama: Collection[int]) -> Readings:
        """Return the readings as those of another Ollama, whose process ids these are, without reading the GPUs again.

        Readings of other vendors' GPUs stay as they are.
        """

    def inventory(self) -> list[dict[str, Any]]:
        """Return `{model, driver, memory, shared, vendor, instances: [{model, memory}]}` of each GPU, memory in bytes.

        `shared` is the part of `memory` that is the machine's. `instances` lists the parts of a partitioned GPU (MIG).
        """

    def missing(self) -> dict[str, str]:
        """Return the names of unknown values, each with the reason."""

    def hidden(self) -> set[str]:
        """Return the vendors that may have GPUs which cannot be opened now, so that the inventory lacks them."""


class NoGpus:
    """A machine without a GPU that can be read, and the reason."""

    def __init__(self, reason: str = "none was found") -> None:
        self._reason = reason

    def read(self, ollama: Collection[int]) -> tuple[GpuReading, ...]:  # noqa: ARG002 - the interface's
        return ()

    def attributed(self, readings: Readings, ollama: Collection[int]) -> Readings:  # noqa: ARG002 - the interface's
        return readings

    def inventory(self) -> list[dict[str, Any]]:
        return []

    def missing(self) -> dict[str, str]:
        return {"gpu": self._reason}

    def hidden(self) -> set[str]:
        return set()


class VendorGpu(Protocol):
    """One GPU, at this position among those of its vendor."""

    index: int

    def read(self, ollama: Collection[int]) -> GpuReading: ...
    def attributed(self, reading: GpuReading, ollama: Collection[int]) -> GpuReading: ...
    def inventory(self) -> dict[str, Any]: ...
    def missing(self) -> dict[str, str]: ...


class VendorGpus:
    """All GPUs of one vendor. `reads` has the reasons of those that cannot be opened."""

    def __init__(self, gpus: Sequence[VendorGpu], vendor: str, reads: TolerantReads) -> None:
        self._gpus = gpus
        self._vendor = vendor
        self._reads = reads

    def read(self, ollama: Collection[int]) -> tuple[GpuReading, ...]:
        return tuple(gpu.read(ollama) for gpu in self._gpus)

    def attributed(self, readings: Readings, ollama: Collection[int]) -> Readings:
        own = {gpu.index: gpu for gpu in self._gpus}
        return tuple(own[each.index].attributed(each, ollama) if each.index in own else each for each in readings)

    def inventory(self) -> list[dict[str, Any]]:
        return [gpu.inventory() for gpu in self._gpus]

    def missing(self) -> dict[str, str]:
        return self._reads.missing | {name: reason for gpu in self._gpus for name, reason in gpu.missing().items()}

    def hidden(self) -> set[str]:
        return {self._vendor} if self._reads.failed else set()


class CombinedGpus:
    """The GPUs of several vendors. If one vendor's cannot be read, the other vendors' still are."""

    def __init__(self, vendors: Sequence[Gpus], opened: TolerantReads | None = None) -> None:
        """Combine the vendors. `opened` has the reasons of those that could not be opened."""
        self._vendors = vendors
        self._opened = opened or TolerantReads()
        self._reads = TolerantReads()

    def read(self, ollama: Collection[int]) -> tuple[GpuReading, ...]:
        return tuple(gpu for gpus in self._of_each("gpu readings", lambda vendor: vendor.read(ollama)) for gpu in gpus)

    def attributed(self, readings: Readings, ollama: Collection[int]) -> Readings:
        for vendor in self._vendors:
            readings = vendor.attributed(readings, ollama)
        return readings

    def inventory(self) -> list[dict[str, Any]]:
        return [gpu for gpus in self._of_each("gpu inventory", lambda vendor: vendor.inventory()) for gpu in gpus]

    def missing(self) -> dict[str, str]:
        found = self._of_each("gpu", lambda vendor: vendor.missing())
        known = {name: reason for missing in found for name, reason in missing.items()}
        return known | self._opened.missing | self._reads.missing

    def hidden(self) -> set[str]:
        return set(self._opened.failed).union(*self._of_each("gpu", lambda vendor: vendor.hidden()))

    def _of_each(self, name: str, ask: Callable[[Gpus], T]) -> list[T]:
        """Return the answers of the vendors that give one."""
        names = [f"{name} of {type(vendor).__name__}" for vendor in self._vendors]
        found = [
            self._reads.read(name, partial(ask, vendor)) for name, vendor in zip(names, self._vendors, strict=True)
        ]
        return [answer for answer in found if answer is not None]
