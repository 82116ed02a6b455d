"""A machine without a GPU that we can read."""

from collections.abc import Collection
from typing import Any

from sampler.readings import Gpu


class NoGpus:
    """`why` is told in the inventory."""

    def __init__(self, why: str = "none is found") -> None:
        self._why = why

    def read(self, ollama: Collection[int]) -> tuple[Gpu, ...]:  # noqa: ARG002 - the interface's
        return ()

    def inventory(self) -> list[dict[str, Any]]:
        return []

    def missing(self) -> dict[str, str]:
        return {"gpu": self._why}
