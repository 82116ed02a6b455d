"""The processes of this machine. Sources: Linux's /proc/PID/stat, which is one line, elsewhere psutil."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import psutil

from sampler.sources.kernel_file import content, exists

PARENT, USER, SYSTEM, STARTED, RESIDENT = 1, 11, 12, 19, 21
"""Columns of proc(5) after the name. PARENT is a process id, RESIDENT a number of pages, the others clock ticks."""

MAX_LINE = 1024
"""Bytes. No line is longer."""


@dataclass(frozen=True, slots=True)
class Process:
    """A process. `seconds` is its CPU time and `memory` its RSS in bytes.

    Both are None if they are not readable, such as another user's on macOS. `started` distinguishes two processes that
    had the same id one after the other.
    """

    pid: int
    started: float
    name: str
    parent: int
    seconds: float | None
    memory: int | None


class ProcessTable(Protocol):
    def all(self) -> list[Process]: ...

    def one(self, pid: int) -> Process | None:
        """Return the process, or None if it has ended."""

    def arguments(self, pid: int) -> list[str]:
        """Return the process's command line, or an empty list if it is not known."""


def process_table(root: Path = Path("/")) -> ProcessTable:
    return ProcTable(root / "proc") if exists(root / "proc/self/stat") else PsutilTable()


class ProcTable:
    """Linux's table. Names have at most 15 characters here."""

    def __init__(self, proc: Path) -> None:
        self._proc = str(proc)
        self._tick = 1 / os.sysconf("SC_CLK_TCK")
        self._page = os.sysconf("SC_PAGE_SIZE")

    def all(self) -> list[Process]:
        found = (self.one(int(name)) for name in os.listdir(self._proc) if name.isdecimal())  # noqa: PTH208 - making a Path for each process takes as long as reading it
        return [process for process in found if process]

    def one(self, pid: int) -> Process | None:
        try:
            file = os.open(f"{self._proc}/{pid}/stat", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return None
        try:
            return self._parse(pid, os.read(file, MAX_LINE))
        except (OSError, ValueError, IndexError):  # it has ended, or hides itself alone
            return None
        finally:
            os.close(file)

    def arguments(self, pid: int) -> list[str]:
        try:
            line = content(Path(f"{self._proc}/{pid}/cmdline"))
        except OSError:
            return []
        return os.fsdecode(line).removesuffix("\0").split("\0") if line else []

    def _parse(self, pid: int, line: bytes) -> Process:
        """Parse `PID (NAME) STATE PARENT …`. A name may contain brackets and spaces."""
        head, _, tail = line.rpartition(b")")
        columns = tail.split(maxsplit=RESIDENT + 1)
        return Process(
            pid,
            int(columns[STARTED]) * self._tick,
            os.fsdecode(head.partition(b"(")[2]),
            int(columns[PARENT]),
            (int(columns[USER]) + int(columns[SYSTEM])) * self._tick,
            int(columns[RESIDENT]) * self._page,
        )


class PsutilTable:
    def all(self) -> list[Process]:
        """Return all processes without their memory, which would take one call for each."""
        attributes = ["create_time", "name", "ppid", "cpu_times"]
        return [_from_psutil(process, memory=None) for process in psutil.process_iter(attributes)]

    def one(self, pid: int) -> Process | None:
        try:
            process = psutil.Process(pid)
            process.info = process.as_dict(["create_time", "name", "ppid", "cpu_times", "memory_info"])
        except (psutil.Error, OSError):
            return None
        memory = process.info["memory_info"]
        return _from_psutil(process, memory and memory.rss)

    def arguments(self, pid: int) -> list[str]:
        try:
            return psutil.Process(pid).cmdline()
        except (psutil.Error, OSError):
            return []


def _from_psutil(process: psutil.Process, memory: int | None) -> Process:
    info = process.info
    times = info["cpu_times"]
    seconds = times and float(times.user + times.system)
    return Process(process.pid, info["create_time"] or 0.0, info["name"] or "", info["ppid"] or 0, seconds, memory)
