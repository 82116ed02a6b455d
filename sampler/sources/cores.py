"""The load of each core. Sources: Linux's /proc/stat, elsewhere psutil."""

from pathlib import Path

import psutil

from sampler.sources.kernel_file import KernelFile

Ticks = tuple[int, int]
"""Kernel ticks of one core since its start: all, and those spent idle or waiting for a disk."""

IDLE, IOWAIT, COUNTED = 3, 4, 8
"""Columns of proc(5). The columns after the eighth count guests' time, which the first two include already."""


class Cores:
    """Load of each core in percent since the last read; for the first read, since the object was made."""

    def __init__(self, root: Path = Path("/")) -> None:
        path = root / "proc/stat"
        self._file = KernelFile(path) if path.exists() else None
        self._last: list[Ticks] = []
        self.read()

    def read(self) -> tuple[float, ...]:
        if self._file is None:
            return tuple(psutil.cpu_percent(percpu=True))
        last, self._last = self._last, _ticks(self._file.read())
        # A core that was switched on or off shifts the others, so that read has nothing to compare with.
        before = last if len(last) == len(self._last) else self._last
        return tuple(_busy(*pair) for pair in zip(before, self._last, strict=True))


def _ticks(content: bytes) -> list[Ticks]:
    """Parse lines of `cpuN user nice system idle iowait …`. The first line sums all cores."""
    ticks = []
    for line in content.split(b"\n")[1:]:
        if not line.startswith(b"cpu"):
            break
        columns = [int(column) for column in line.split()[1 : COUNTED + 1]]
        ticks.append((sum(columns), columns[IDLE] + columns[IOWAIT]))
    return ticks


def _busy(before: Ticks, now: Ticks) -> float:
    passed, idle = now[0] - before[0], now[1] - before[1]
    # The kernel's iowait counter may decrease.
    return round(100 * min(1.0, max(0.0, 1 - idle / passed)), 1) if passed > 0 else 0.0
