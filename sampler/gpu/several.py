"""The GPUs of several vendors in one machine."""

from collections.abc import Collection, Sequence
from typing import Any

from sampler.gpu.gpus import Gpus
from sampler.readings import Gpu
from sampler.tolerant_read import Probe


class SeveralGpus:
    """A vendor that cannot be read loses its own GPUs' readings and not the others'."""

    def __init__(self, parts: Sequence[Gpus]) -> None:
        self._parts = parts
        self._ollama: Collection[int] = ()
        self._reads = [self._probe(part) for part in parts]

    def read(self, ollama: Collection[int]) -> tuple[Gpu, ...]:
        self._ollama = ollama
        return tuple(gpu for read in self._reads for gpu in read() or ())

    def inventory(self) -> list[dict[str, Any]]:
        return [gpu for part in self._parts for gpu in part.inventory()]

    def missing(self) -> dict[str, str]:
        return {what: reason for part in self._parts for what, reason in part.missing().items()}

    def _probe(self, part: Gpus) -> Probe[tuple[Gpu, ...]]:
        return Probe(f"a vendor's GPUs ({type(part).__name__})", lambda: part.read(self._ollama))
