"""The load of each core. Sources: Linux's /proc/stat, elsewhere psutil."""

from contextlib import suppress
from pathlib import Path

import psutil

from sampler.sources.kernel_file import KernelFile, exists

Ticks = tuple[int, int]
"""Kernel ticks of one core since its start: all, and those spent idle or waiting for a disk."""

IDLE, IOWAIT, COUNTED = 3, 4, 8
"""Columns of proc(5). The columns after the eighth count guests' time, which the first two include already."""


class Cores:
    """Load of each core in percent since the last read; for the first read, since the object was made.

    None for a core that has nothing to compare with, as after it was switched on.
    """

    def __init__(self, root: Path = Path("/")) -> None:
        path = root / "proc/stat"
        self._file = KernelFile(path) if exists(path) else None
        self._last: dict[bytes, Ticks] = {}
        with suppress(OSError, ValueError):  # the next read says why
            self.read()

    def read(self) -> tuple[float | None, ...]:
        """Return the load.

        Raises:
            OSError, ValueError: if /proc/stat is not readable or holds something else.
        """
        if self._file is None:
            return tuple(psutil.cpu_percent(percpu=True))
        last, self._last = self._last, _ticks(self._file.read())
        return tuple(_busy(last.get(core), now) for core, now in self._last.items())


def _ticks(content: bytes) -> dict[bytes, Ticks]:
    """Parse lines of `cpuN user nice system idle iowait …`. The first line sums all cores."""
    ticks = {}
    for line in content.split(b"\n")[1:]:
        if not line.startswith(b"cpu"):
            break
        name, *numbers = line.split()[: COUNTED + 1]
        columns = [*map(int, numbers)]
        ticks[name] = sum(columns), columns[IDLE] + columns[IOWAIT]
    if not ticks:
        raise ValueError("/proc/stat lists no core")
    return ticks


def _busy(before: Ticks | None, now: Ticks) -> float | None:
    if before is None or now[0] < before[0]:
        return None
    passed, idle = now[0] - before[0], now[1] - before[1]
    # The kernel's iowait counter may decrease.
    return round(100 * min(1.0, max(0.0, 1 - idle / passed)), 1) if passed else 0.0
