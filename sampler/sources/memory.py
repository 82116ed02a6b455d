"""RAM and swap. Sources: Linux's /proc/meminfo, elsewhere psutil."""

import re
from functools import partial
from pathlib import Path

import psutil

from sampler.readings import MemoryReading
from sampler.sources.kernel_file import KernelFile, content, exists, text
from sampler.tolerant_read import TolerantReads

KIB = 1024
LINE = re.compile(rb"^(\w+): +(\d{1,15}) kB$", re.MULTILINE)
ARC_COLUMNS = 3
CACHE = "proc/spl/kstat/zfs/arcstats"
"""Statistics of ZFS's cache (ARC), which the kernel counts as used although most of it is given back on demand."""


class MemorySource:
    """RAM and swap. `used` is all memory that is not available, as in psutil and `free`, and ZFS's cache is."""

    def __init__(self, root: Path = Path("/"), reads: TolerantReads | None = None) -> None:
        path = root / "proc/meminfo"
        self._file = KernelFile(path) if exists(path) else None
        self._reads = reads or TolerantReads()
        self._cache = partial(_reclaimable_cache, root / CACHE)

    def read(self) -> MemoryReading:
        if self._file is None:
            return _by_psutil()
        known = _parse(self._file.read())
        cache = self._reads.read("memory of ZFS's cache", self._cache) or 0
        return _by_meminfo(known, cache)


def total(root: Path) -> int:
    """Return the bytes of RAM."""
    path = root / "proc/meminfo"
    return _parse(content(path))[b"MemTotal"] if exists(path) else psutil.virtual_memory().total


def _by_meminfo(known: dict[bytes, int], cache: int) -> MemoryReading:
    total, swap, free_swap = known[b"MemTotal"], known.get(b"SwapTotal"), known.get(b"SwapFree")
    available = min(total, known[b"MemAvailable"]) if b"MemAvailable" in known else _estimate_available(known)
    # In a container, /proc/meminfo may be the container's, and the cache the machine's.
    available += cache if cache <= total - available else 0
    swap_used = None if swap is None or free_swap is None else swap - free_swap
    return MemoryReading(total, total - available, available, swap_used)


def _estimate_available(known: dict[bytes, int]) -> int:
    """Estimate as `free` does for kernels that do not report it."""
    caches = sum(known.get(name, 0) for name in (b"Buffers", b"Cached", b"SReclaimable"))
    return max(0, min(known[b"MemTotal"], known[b"MemFree"] + caches - known.get(b"Shmem", 0)))


def _parse(content: bytes) -> dict[bytes, int]:
    """Return the bytes by name.

    Raises:
        ValueError: if the content is not that of /proc/meminfo.
    """
    known = {name: int(value) * KIB for name, value in LINE.findall(_head(content))}
    if not known.get(b"MemTotal"):
        raise ValueError("/proc/meminfo holds no MemTotal")
    return known


def _head(content: bytes) -> bytes:
    """Return the lines up to SwapFree, the last one needed: about fifteen of fifty."""
    end = content.find(b"\n", content.find(b"\nSwapFree:") + 1)
    return content[:end] if b"\nSwapFree:" in content else content


def _reclaimable_cache(arcstats: Path) -> int:
    """Return the bytes of ZFS's cache above its minimum, or 0 without ZFS. Lines are `name type value`."""
    if not exists(arcstats):  # cheaper than an open that fails
        return 0
    columns = (line.split() for line in (text(arcstats) or "").splitlines())
    known = {words[0]: words[2] for words in columns if len(words) == ARC_COLUMNS}
    return max(0, int(known["size"]) - int(known["c_min"])) if known else 0


def _by_psutil() -> MemoryReading:
    ram = psutil.virtual_memory()
    return MemoryReading(total=ram.total, used=ram.used, available=ram.available, swap_used=psutil.swap_memory().used)
