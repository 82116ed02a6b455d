"""The processes that use a GPU, by NVML: what Ollama's hold, and how busy others keep it.

In a container NVML may name processes by ids that mean nothing inside it. What is listed is Ollama's or another's for
certain only where one of the ids is Ollama's, or where all of them are processes here.
"""

import time
from collections.abc import Callable, Collection
from typing import Any, TypeVar

import psutil
import pynvml

from sampler.schedule import Clock, Throttled

T = TypeVar("T")

LOOK_S = 1.0
"""Listing a GPU's processes makes the driver walk over all its clients: once a second is often enough."""

NONE_FOUND = (pynvml.NVML_SUCCESS, pynvml.NVML_ERROR_NOT_FOUND)
"""How NVML says that no process used the GPU; pynvml raises both."""

MOST = 100
"""Percent. Some drivers answer with remains too: shares far above this, and samples without a time."""

US_PER_S = 1_000_000


class Clients:
    """`ask` makes a call to NVML for this GPU by its name; it gives None where that is not to be had."""

    def __init__(self, ask: Callable[..., Any], clock: Clock) -> None:
        self._ask = ask
        self._memory = Throttled(self._memory_by_pid, LOOK_S, clock)
        self._shares = Throttled(self._share_by_pid, LOOK_S, clock)
        self._since = int(time.time() * US_PER_S)

    def memory(self, ollama: Collection[int]) -> int | None:
        """Bytes that Ollama's processes hold; None where that cannot be told from here, or as under WSL not at all."""
        held = _certain(self._memory(), ollama)
        if held is None:
            return None
        theirs = [memory for pid, memory in held.items() if pid in ollama]
        return None if None in theirs else sum(memory for memory in theirs if memory is not None)

    def foreign(self, ollama: Collection[int]) -> int | None:
        """The highest share of the last second, in percent, for which a process that is not Ollama's used the SMs."""
        shares = _certain(self._shares(), ollama)
        return None if shares is None else max((share for pid, share in shares.items() if pid not in ollama), default=0)

    def _memory_by_pid(self) -> dict[int, int | None] | None:
        """By both of NVML's lists: CUDA's processes are in the first, Vulkan's in the second, which cards may lack."""
        compute = self._ask("nvmlDeviceGetComputeRunningProcesses")
        graphics = self._ask("nvmlDeviceGetGraphicsRunningProcesses") or []
        return None if compute is None else {process.pid: process.usedGpuMemory for process in [*graphics, *compute]}

    def _share_by_pid(self) -> dict[int, int] | None:
        """Since the last look; without its time the driver takes the mean over many seconds."""
        samples = self._ask("nvmlDeviceGetProcessUtilization", self._since, none=NONE_FOUND)
        if samples is None:
            return None
        sound = [sample for sample in samples if sample.timeStamp > self._since and sample.smUtil <= MOST]
        self._since = max((sample.timeStamp for sample in sound), default=self._since)
        return {sample.pid: sample.smUtil for sample in sound}


def _certain(by_pid: dict[int, T] | None, ollama: Collection[int]) -> dict[int, T] | None:
    """What is known by process id, where the ids are of this machine and Ollama's are known."""
    if by_pid is None or not ollama:
        return None
    return by_pid if any(pid in ollama for pid in by_pid) or all(map(psutil.pid_exists, by_pid)) else None
