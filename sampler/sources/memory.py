"""RAM and swap. Sources: Linux's /proc/meminfo, elsewhere psutil."""

from pathlib import Path

import psutil

from sampler.readings import MemoryReading
from sampler.sources.kernel_file import KernelFile

KIB = 1024


class MemorySource:
    """RAM and swap. `used` is all memory that is not available, as in psutil and `free`."""

    def __init__(self, root: Path = Path("/")) -> None:
        path = root / "proc/meminfo"
        self._file = KernelFile(path) if path.exists() else None

    def read(self) -> MemoryReading:
        return _by_psutil() if self._file is None else _by_meminfo(self._file.read())


def _by_meminfo(content: bytes) -> MemoryReading:
    known = {name: int(value.split(maxsplit=1)[0]) * KIB for name, _, value in _lines(content)}
    total, available = known[b"MemTotal"], known[b"MemAvailable"]
    return MemoryReading(total, total - available, available, known[b"SwapTotal"] - known[b"SwapFree"])


def _lines(content: bytes) -> list[tuple[bytes, bytes, bytes]]:
    """Split the lines up to SwapFree, the last one needed, which are about fifteen of fifty."""
    end = content.index(b"\n", content.index(b"SwapFree:"))
    return [line.partition(b":") for line in content[:end].split(b"\n")]


def _by_psutil() -> MemoryReading:
    ram = psutil.virtual_memory()
    return MemoryReading(total=ram.total, used=ram.used, available=ram.available, swap_used=psutil.swap_memory().used)
