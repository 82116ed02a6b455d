"""A machine without a GPU that we can read."""

from collections.abc import Collection
from typing import Any

from sampler.readings import Gpu


class NoGpus:
    def read(self, ollama: Collection[int]) -> tuple[Gpu, ...]:  # noqa: ARG002 - the interface's
        return ()

    def inventory(self) -> list[dict[str, Any]]:
        return []
