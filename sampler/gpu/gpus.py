"""What every source of GPUs can do."""

from collections.abc import Collection
from typing import Any, Protocol

from sampler.readings import Gpu


class Gpus(Protocol):
    def read(self, ollama: Collection[int]) -> tuple[Gpu, ...]:
        """A reading of each GPU; `ollama` holds the process ids of Ollama."""

    def inventory(self) -> list[dict[str, Any]]:
        """`{model, driver, memory, vendor, instances: [{model, memory}]}` of each GPU, memory in bytes; `instances`
        are those of one that is parted (MIG).
        """

    def missing(self) -> dict[str, str]:
        """What cannot be told, each with the reason."""
