"""The machine's GPUs, searched again when one was added or removed, or when a driver has been loaded."""

import os
import time
from collections.abc import Collection
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from sampler.gpu import find
from sampler.gpu.gpus import Gpus, NoGpus, Readings
from sampler.loop.own_thread import NoAnswerError, OwnThread
from sampler.loop.schedule import Clock
from sampler.readings import GpuReading
from sampler.tolerant_read import TolerantReads

LISTS = ("sys/class/drm", "proc/driver/nvidia/gpus")
"""Folders with one entry for each card, and for each GPU of NVIDIA's driver."""

FIRST_WAIT_S, MAX_WAIT_S = 60.0, 3600.0
"""Time between two searches for GPUs that a driver hides. Each may take the driver seconds, without readings."""
MAX_SEARCH_S = 30.0
"""A driver that starts several GPUs takes many seconds. The first inventory must not lack them."""


class WatchedGpus:
    """The GPUs as of the last search. Each call raises NoAnswerError while their driver hangs."""

    def __init__(self, root: Path = Path("/"), clock: Clock = time.monotonic) -> None:
        self._root = root
        self._clock = clock
        self._reads = TolerantReads()
        self._retry_at, self._wait = clock(), FIRST_WAIT_S
        self._thread = OwnThread("the GPUs' driver")
        self._listed = self._list()
        self._gpus: Gpus = NoGpus()
        with suppress(NoAnswerError):  # it goes on searching
            self._thread.call(self._search, MAX_SEARCH_S)

    def read(self, ollama: Collection[int]) -> tuple[GpuReading, ...]:
        return self._thread.call(lambda: self._gpus.read(ollama))

    def attributed(self, readings: Readings, ollama: Collection[int]) -> Readings:
        return self._thread.call(lambda: self._gpus.attributed(readings, ollama))

    def renew(self) -> bool:
        """Search again if that may find other GPUs, and return whether it did search."""
        return self._thread.call(self._renew, MAX_SEARCH_S)

    def _search(self) -> None:
        self._gpus = find(self._root, self._clock)

    def _renew(self) -> bool:
        listed = self._list()
        if None in listed or (listed == self._listed and not self._is_worth_a_retry()):
            return False
        self._listed = listed
        self._search()
        return True

    def _is_worth_a_retry(self) -> bool:
        """Return whether GPUs are hidden, less and less often while they stay so."""
        if not self._gpus.hidden():
            self._wait = FIRST_WAIT_S
            return False
        if self._clock() < self._retry_at:
            return False
        self._retry_at, self._wait = self._clock() + self._wait, min(MAX_WAIT_S, 2 * self._wait)
        return True

    def inventory(self) -> list[dict[str, Any]]:
        return self._thread.call(self._gpus.inventory)

    def missing(self) -> dict[str, str]:
        return self._thread.call(self._gpus.missing) | self._reads.missing

    def hidden(self) -> set[str]:
        return self._thread.call(self._gpus.hidden)

    def _list(self) -> list[list[str] | None]:
        return [self._reads.read(folder, partial(_entries, self._root / folder)) for folder in LISTS]


def _entries(folder: Path) -> list[str]:
    try:
        return sorted(os.listdir(folder))  # noqa: PTH208 - only the names are needed
    except FileNotFoundError:
        return []
