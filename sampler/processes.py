"""Ollama's process tree: the server, its runners and its clients. Source: psutil."""

import time

import psutil

from sampler.cadence import Clock, Seldom
from sampler.readings import Ollama

LOOK_S = 2.0
"""Walking over all processes costs milliseconds, reading the few known ones a fifth of one."""


class OllamaProcesses:
    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._find = Seldom(find, LOOK_S, clock)
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


def find() -> list[psutil.Process]:
    """Processes whose name begins with `ollama`, and a `llama-server` that one of them started.

    Runners are named `ollama` or `ollama_llama_server`, from Ollama 0.30 on `llama-server`.
    """
    # Linux keeps 15 characters of a name, which is enough for these beginnings.
    named = [(process, (process.info["name"] or "").lower()) for process in psutil.process_iter(["name"])]
    ollama = {process.pid: process for process, name in named if name.startswith("ollama")}
    runners = [process for process, name in named if name.startswith("llama-server") and _parent(process) in ollama]
    return [*ollama.values(), *runners]


def _parent(process: psutil.Process) -> int | None:
    try:
        return process.ppid()
    except psutil.Error:
        return None
