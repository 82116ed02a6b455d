"""The interface of every source of GPUs, and the sources for no vendor and for several vendors."""

from collections.abc import Collection, Sequence
from typing import Any, Protocol

from sampler.readings import GpuReading
from sampler.tolerant_read import TolerantRead


class Gpus(Protocol):
    def read(self, ollama: Collection[int]) -> tuple[GpuReading, ...]:
        """Return a reading of each GPU. `ollama` holds the process ids of Ollama."""

    def inventory(self) -> list[dict[str, Any]]:
        """Return `{model, driver, memory, vendor, instances: [{model, memory}]}` of each GPU, memory in bytes.

        `instances` lists the parts of a partitioned GPU (MIG).
        """

    def missing(self) -> dict[str, str]:
        """Return the names of unknown values, each with the reason."""


class NoGpus:
    """A machine without a GPU that can be read, and the reason."""

    def __init__(self, reason: str = "none was found") -> None:
        self._reason = reason

    def read(self, ollama: Collection[int]) -> tuple[GpuReading, ...]:  # noqa: ARG002 - the interface's
        return ()

    def inventory(self) -> list[dict[str, Any]]:
        return []

    def missing(self) -> dict[str, str]:
        return {"gpu": self._reason}


class CombinedGpus:
    """The GPUs of several vendors. If one vendor's cannot be read, the other vendors' still are."""

    def __init__(self, vendors: Sequence[Gpus]) -> None:
        self._vendors = vendors
        self._ollama: Collection[int] = ()
        self._reads = [self._tolerant_read(vendor) for vendor in vendors]

    def read(self, ollama: Collection[int]) -> tuple[GpuReading, ...]:
        self._ollama = ollama
        return tuple(gpu for read in self._reads for gpu in read() or ())

    def inventory(self) -> list[dict[str, Any]]:
        return [gpu for vendor in self._vendors for gpu in vendor.inventory()]

    def missing(self) -> dict[str, str]:
        return {name: reason for vendor in self._vendors for name, reason in vendor.missing().items()}

    def _tolerant_read(self, vendor: Gpus) -> TolerantRead[tuple[GpuReading, ...]]:
        return TolerantRead(f"a vendor's GPUs ({type(vendor).__name__})", lambda: vendor.read(self._ollama))
