"""A periodic scan of all processes, which finds Ollama's processes and the busiest others."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from heapq import nlargest

import psutil

from sampler.loop.schedule import Clock
from sampler.printable import printable
from sampler.processes.listener import Listener
from sampler.processes.ollama_programs import Arguments, ollama_processes, process_tree
from sampler.processes.table import Process, ProcessTable
from sampler.readings import ProcessUsage

SCAN_INTERVAL_S = 2.0
"""A scan takes a fiftieth of a millisecond for each process."""
MAX_BUSIEST = 3
MIN_PERCENT = 1.0
"""Smallest share of the machine that is reported. A desktop and Gait itself stay below it."""


@dataclass(frozen=True)
class ScanResult:
    """The processes found. `busiest` is None for the first scan, which has nothing to compare with."""

    ollama: tuple[Process, ...]
    busiest: tuple[ProcessUsage, ...] | None


EMPTY = ScanResult(ollama=(), busiest=None)


class ProcessScan:
    """The scan. `listener` finds the server under test if there are several, or if it has an unusual name."""

    def __init__(
        self, table: ProcessTable, clock: Clock, listener: Listener, arguments: Arguments = lambda _: ()
    ) -> None:
        self._table = table
        self._arguments = arguments
        self._listener = listener
        self._clock = clock
        self._spent: dict[tuple[int, float], float] = {}
        self._at: float | None = None

    def take(self) -> ScanResult:
        now, processes = self._clock(), self._table.all()
        ollama = ollama_processes(processes, self._arguments)
        server = self._listener.find(ollama) if ollama else self._listener.find_unnamed(processes)
        if server is not None:
            ollama = process_tree([server], processes)
        # On Windows, process 0 stands for the processors' idle time.
        excluded = {0, *(process.pid for process in ollama)}
        others = [process for process in processes if process.pid not in excluded]
        busiest = None if self._at is None else _busiest(self._seconds_by_name(others), now - self._at)
        self._spent = {(process.pid, process.started): process.seconds or 0.0 for process in others}
        self._at = now
        return ScanResult(ollama, busiest)

    def _seconds_by_name(self, others: Iterable[Process]) -> dict[str, float]:
        """Return CPU seconds since the last scan. A process that has started since then counts fully."""
        seconds = defaultdict[str, float](float)
        for process in others:
            before = self._spent.get((process.pid, process.started), 0.0)
            seconds[process.name] += max(0.0, (process.seconds or 0.0) - before)
        return seconds


def _busiest(seconds: Mapping[str, float], elapsed: float) -> tuple[ProcessUsage, ...]:
    """Return the busiest names, in percent of the whole machine."""
    if elapsed <= 0:
        return ()
    percent = 100 / elapsed / (psutil.cpu_count() or 1)
    busiest = nlargest(MAX_BUSIEST, seconds, key=seconds.__getitem__)
    shares = [(name, round(percent * seconds[name], 1)) for name in busiest]
    return tuple(ProcessUsage(printable(name), share) for name, share in shares if share >= MIN_PERCENT)
