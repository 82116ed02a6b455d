"""Ollama's process tree: the server, its runners and its clients. Source: psutil."""

import time
from collections.abc import Callable, Iterable

import psutil

from sampler.cadence import Clock
from sampler.readings import Ollama


class OllamaProcesses:
    """`find` gives the processes, which the census knows; to read a few known ones costs a fifth of a millisecond."""

    def __init__(self, find: Callable[[], Iterable[psutil.Process]], clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._find = find
        self._spent: dict[psutil.Process, float] = {}
        self._at: float | None = None

    @property
    def pids(self) -> frozenset[int]:
        """Of the processes in the last reading."""
        return frozenset(process.pid for process in self._spent)

    def read(self) -> Ollama | None:
        """The tree since the last read, or None where no process is seen.

        `memory` is the sum of each process's RSS. RSS counts a page once for every process that maps it: libraries
        shared by the server and its runners count several times, and so does a model file that two runners map.
        `cpu` is None at the first reading; a process adds to it from the second reading that sees it.
        """
        now, spent, memory = self._clock(), dict[psutil.Process, float](), 0
        for process in self._find():
            try:
                times = process.cpu_times()
                memory += process.memory_info().rss
            except psutil.Error:  # it has ended, or is another user's
                continue
            spent[process] = times.user + times.system
        cpu = self._percent(spent, now)
        self._spent, self._at = spent, now
        return Ollama(processes=len(spent), cpu=cpu, memory=memory) if spent else None

    def _percent(self, spent: dict[psutil.Process, float], now: float) -> float | None:
        if self._at is None or now <= self._at:
            return None
        seconds = sum(spent[process] - self._spent[process] for process in spent.keys() & self._spent.keys())
        percent = 100 * seconds / (now - self._at) / (psutil.cpu_count() or 1)
        return round(min(100.0, percent), 2)  # the kernel counts ticks of 10 ms, of which one too many may fall in here
