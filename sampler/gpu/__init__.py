"""The machine's GPUs behind one small interface; a machine without them gets a twin that has none."""

import logging
from collections.abc import Collection
from typing import Any, Protocol

import pynvml

from sampler.gpu.none import NoGpus
from sampler.gpu.nvidia import NvidiaGpus
from sampler.readings import Gpu

logger = logging.getLogger(__name__)


class Gpus(Protocol):
    def read(self, ollama: Collection[int]) -> tuple[Gpu, ...]:
        """A reading of each GPU; `ollama` holds the process ids of Ollama."""

    def inventory(self) -> list[dict[str, Any]]:
        """`{model, driver, memory}` of each GPU, memory in bytes."""


def find() -> Gpus:
    try:
        return NvidiaGpus()
    except pynvml.NVMLError as error:
        # NVMLError_LibraryNotFound where there is no driver; others where it is broken or not loaded.
        logger.info("no GPU is read: %s", error)
        return NoGpus()
