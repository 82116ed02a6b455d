"""A look at all processes now and then: which are Ollama's, and which others are the busiest."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest

import psutil

from sampler.readings import ProcessUsage
from sampler.schedule import Clock
from sampler.sources.listener import Listener
from sampler.sources.process_table import Process, ProcessTable

LOOK_S = 2.0
"""A look costs a fiftieth of a millisecond for each process."""
BUSIEST = 3
WORTH_NAMING = 1.0
"""Percent of the machine: a desktop and the lab itself stay below, and readings short."""


@dataclass(frozen=True)
class Found:
    """`busiest` is None at the first look, which only marks the beginning."""

    ollama: tuple[Process, ...]
    busiest: tuple[ProcessUsage, ...] | None


NOTHING = Found(ollama=(), busiest=None)


class ProcessScan:
    """`listener` knows which server is under test, where there are several."""

    def __init__(self, table: ProcessTable, clock: Clock, listener: Listener) -> None:
        self._table = table
        self._listener = listener
        self._clock = clock
        self._spent: dict[tuple[int, float], float] = {}
        self._at: float | None = None

    def take(self) -> Found:
        now, listed = self._clock(), self._table.all()
        ollama = _ollamas(listed)
        server = self._listener.find(ollama)
        if server is not None:
            ollama = _family(server, ollama)
        # Process 0 is what Windows calls the processors' idleness.
        apart = {0, *(process.pid for process in ollama)}
        others = [process for process in listed if process.pid not in apart]
        busiest = None if self._at is None else _busiest(self._by_name(others), now - self._at)
        self._spent = {(process.pid, process.started): process.seconds or 0.0 for process in others}
        self._at = now
        return Found(ollama, busiest)

    def _by_name(self, others: Iterable[Process]) -> dict[str, float]:
        """CPU seconds since the last look; all of those that have begun since then."""
        seconds = defaultdict[str, float](float)
        for process in others:
            before = self._spent.get((process.pid, process.started), 0.0)
            seconds[process.name] += max(0.0, (process.seconds or 0.0) - before)
        return seconds


def _busiest(seconds: Mapping[str, float], elapsed: float) -> tuple[ProcessUsage, ...]:
    """Processes of one name together, in percent of the whole machine."""
    if elapsed <= 0:
        return ()
    percent = 100 / elapsed / (psutil.cpu_count() or 1)
    shares = [(name, round(percent * seconds[name], 1)) for name in nlargest(BUSIEST, seconds, key=seconds.__getitem__)]
    return tuple(ProcessUsage(_printable(name), share) for name, share in shares if share >= WORTH_NAMING)


def _ollamas(listed: Sequence[Process]) -> tuple[Process, ...]:
    """Processes whose name begins with `ollama`, and a `llama-server` that one of them started.

    Runners are named `ollama` or `ollama_llama_server`, from Ollama 0.30 on `llama-server`.
    """
    # Linux keeps 15 characters of a name, which is enough for these beginnings.
    named = [(process, process.name.lower()) for process in listed]
    ollama = {process.pid: process for process, name in named if name.startswith("ollama")}
    runners = [process for process, name in named if name.startswith("llama-server") and process.parent in ollama]
    return (*ollama.values(), *runners)


def _family(server: int, ollama: Sequence[Process]) -> tuple[Process, ...]:
    """The server and those that it started."""
    family, size = {server}, 0
    while size < len(family):
        size = len(family)
        family |= {process.pid for process in ollama if process.parent in family}
    return tuple(process for process in ollama if process.pid in family)


def _printable(name: str) -> str:
    """Programs name themselves, with any bytes; this is fit for any log and database."""
    return "".join(letter if letter.isprintable() else "?" for letter in name)
