"""Processes that use an NVIDIA GPU: the memory of Ollama's processes, and the load of all others.

In a container NVML may list process ids of the machine, which mean nothing inside. The ids can be trusted only if one
of them is Ollama's, or if all of them are processes here.
"""

import time
from collections.abc import Callable, Collection
from typing import Any, TypeVar

import psutil
import pynvml

from sampler.loop.schedule import Clock, Throttled

T = TypeVar("T")

INTERVAL_S = 1.0
"""Time between two listings. Each listing makes the driver walk over all its clients."""

NONE_FOUND = (pynvml.NVML_SUCCESS, pynvml.NVML_ERROR_NOT_FOUND)
"""NVML's codes for a GPU that no process used. pynvml raises both."""

MAX_PERCENT = 100
"""Largest valid share. Some drivers also return stale samples: larger shares, and samples without a time."""

US_PER_S = 1_000_000


class Clients:
    """Processes that use one GPU. `ask` calls the named NVML function for it, and returns None if that fails."""

    def __init__(self, ask: Callable[..., Any], clock: Clock) -> None:
        self._ask = ask
        self._memory = Throttled(self._memory_by_pid, INTERVAL_S, clock)
        self._shares = Throttled(self._share_by_pid, INTERVAL_S, clock)
        self._since = int(time.time() * US_PER_S)

    def memory(self, ollama: Collection[int]) -> int | None:
        """Return the bytes that Ollama's processes hold, or None if that is unknown, as under WSL."""
        by_pid = _trusted(self._memory(), ollama)
        if by_pid is None:
            return None
        held = [memory for pid, memory in by_pid.items() if pid in ollama]
        return None if None in held else sum(memory for memory in held if memory is not None)

    def foreign(self, ollama: Collection[int]) -> int | None:
        """Return the largest share of the SMs in the last second, in percent, of a process other than Ollama's."""
        shares = _trusted(self._shares(), ollama)
        return None if shares is None else max((share for pid, share in shares.items() if pid not in ollama), default=0)

    def _memory_by_pid(self) -> dict[int, int | None] | None:
        """Return the bytes that each process holds. Some cards have no list of graphics (Vulkan) processes."""
        compute = self._ask("nvmlDeviceGetComputeRunningProcesses")
        graphics = self._ask("nvmlDeviceGetGraphicsRunningProcesses") or []
        return None if compute is None else {process.pid: process.usedGpuMemory for process in [*graphics, *compute]}

    def _share_by_pid(self) -> dict[int, int] | None:
        """Return each process's share since the last call. Without that time the driver averages over many seconds."""
        samples = self._ask("nvmlDeviceGetProcessUtilization", self._since, none=NONE_FOUND)
        if samples is None:
            return None
        valid = [sample for sample in samples if sample.timeStamp > self._since and sample.smUtil <= MAX_PERCENT]
        self._since = max((sample.timeStamp for sample in valid), default=self._since)
        return {sample.pid: sample.smUtil for sample in valid}


def _trusted(by_pid: dict[int, T] | None, ollama: Collection[int]) -> dict[int, T] | None:
    """Return `by_pid` if its ids are process ids as seen from here and Ollama runs, else None."""
    if by_pid is None or not ollama:
        return None
    return by_pid if any(pid in ollama for pid in by_pid) or all(map(psutil.pid_exists, by_pid)) else None
