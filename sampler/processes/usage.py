"""Ollama's processes: the servers and all that they have started."""

import time
from collections.abc import Callable, Iterable

import psutil

from sampler.loop.schedule import Clock
from sampler.processes.table import Process, ProcessTable
from sampler.readings import OllamaReading


class OllamaProcesses:
    """Ollama's processes. `find` returns them as of the last scan, and each is read again from `table`."""

    def __init__(
        self, find: Callable[[], Iterable[Process]], table: ProcessTable, clock: Clock = time.monotonic
    ) -> None:
        self._clock = clock
        self._find = find
        self._table = table
        self._spent: dict[tuple[int, float], float] = {}
        self._at: float | None = None

    @property
    def pids(self) -> frozenset[int]:
        """The ids of the processes in the last reading."""
        return frozenset(pid for pid, _ in self._spent)

    def read(self) -> OllamaReading | None:
        """Return the tree's usage since the last read, or None if there is no process.

        `memory` is the sum of each process's RSS. RSS counts a page once for every process that maps it: libraries
        shared by the server and its runners count several times, and so does a model file that two runners map.
        `cpu` is None in the first reading. A process counts from its second reading on.
        """
        now, spent, memory = self._clock(), dict[tuple[int, float], float](), 0
        for found in self._find():
            process = self._table.one(found.pid)
            # It may have ended, another process may have its id now, or it may be another user's.
            if process is None or process.started != found.started or None in {process.seconds, process.memory}:
                continue
            spent[process.pid, process.started] = process.seconds or 0.0
            memory += process.memory or 0
        cpu = self._percent(spent, now)
        self._spent, self._at = spent, now
        return OllamaReading(processes=len(spent), cpu=cpu, memory=memory) if spent else None

    def _percent(self, spent: dict[tuple[int, float], float], now: float) -> float | None:
        if self._at is None or now <= self._at:
            return None
        seconds = sum(max(0.0, spent[key] - self._spent[key]) for key in spent.keys() & self._spent.keys())
        percent = 100 * seconds / (now - self._at) / (psutil.cpu_count() or 1)
        return round(
            min(100.0, percent), 2
        )  # the kernel counts in ticks of 10 ms, so the sum may be one tick too large
