"""A look at all processes now and then: which are Ollama's, and which others are the busiest. Source: psutil."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest

import psutil

from sampler.cadence import Clock
from sampler.readings import Busy

LOOK_S = 2.0
"""A look costs a twentieth of a millisecond for each process; name and CPU time are in one file."""
BUSIEST = 3
WORTH_NAMING = 1.0
"""Percent of the machine: a desktop and the lab itself stay below, and readings short."""


@dataclass(frozen=True)
class Found:
    """`busiest` is None at the first look, which only marks the beginning."""

    ollama: tuple[psutil.Process, ...]
    busiest: tuple[Busy, ...] | None


class Census:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._spent: dict[psutil.Process, float] = {}
        self._at: float | None = None

    def take(self) -> Found:
        now, listed = self._clock(), list(psutil.process_iter(["name", "cpu_times"]))
        ollama = _ollamas(listed)
        # Process 0 is what Windows calls the processors' idleness.
        apart = {0, *(process.pid for process in ollama)}
        spent = {process: _seconds(process) for process in listed if process.pid not in apart}
        busiest = None if self._at is None else _busiest(self._by_name(spent), now - self._at)
        self._spent, self._at = spent, now
        return Found(ollama, busiest)

    def _by_name(self, spent: Mapping[psutil.Process, float]) -> dict[str, float]:
        """CPU seconds since the last look; all of those that have begun since then."""
        seconds = defaultdict[str, float](float)
        for process, total in spent.items():
            seconds[process.info["name"] or ""] += max(0.0, total - self._spent.get(process, 0.0))
        return seconds


def _busiest(seconds: Mapping[str, float], elapsed: float) -> tuple[Busy, ...]:
    """Processes of one name together, in percent of the whole machine."""
    if elapsed <= 0:
        return ()
    percent = 100 / elapsed / (psutil.cpu_count() or 1)
    shares = [(name, round(percent * seconds[name], 1)) for name in nlargest(BUSIEST, seconds, key=seconds.__getitem__)]
    return tuple(Busy(_printable(name), share) for name, share in shares if share >= WORTH_NAMING)


def _ollamas(listed: Sequence[psutil.Process]) -> tuple[psutil.Process, ...]:
    """Processes whose name begins with `ollama`, and a `llama-server` that one of them started.

    Runners are named `ollama` or `ollama_llama_server`, from Ollama 0.30 on `llama-server`.
    """
    # Linux keeps 15 characters of a name, which is enough for these beginnings.
    named = [(process, (process.info["name"] or "").lower()) for process in listed]
    ollama = {process.pid: process for process, name in named if name.startswith("ollama")}
    runners = [process for process, name in named if name.startswith("llama-server") and _parent(process) in ollama]
    return (*ollama.values(), *runners)


def _printable(name: str) -> str:
    """Programs name themselves, with any bytes; this is fit for any log and database."""
    return "".join(letter if letter.isprintable() else "?" for letter in name)


def _seconds(process: psutil.Process) -> float:
    """0 where it is not ours to know, as another user's on macOS."""
    times = process.info["cpu_times"]
    return float(times.user + times.system) if times else 0.0


def _parent(process: psutil.Process) -> int | None:
    try:
        return process.ppid()
    except psutil.Error:
        return None
