"""A model's file in the system's page cache: its cached share, and how to evict it.

This needs Linux, and a file on this machine that the worker may read. Otherwise the share is unknown.
"""

import ctypes
import os
import sys
from pathlib import Path

PAGE = 4096
CACHESTAT = 451
"""Number of the system call on all architectures. Python has no name for it."""
SAMPLED_PAGES = 256
"""At most this number of pages is sampled, spread evenly over the file."""
MIN_STEP = 16
"""At most one page of this number is sampled, because a sample brings its page into the cache."""

_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


class _Range(ctypes.Structure):
    """`struct cachestat_range`, in bytes. A length of 0 is all of the file."""

    _fields_ = (("offset", ctypes.c_uint64), ("length", ctypes.c_uint64))


class _Counts(ctypes.Structure):
    """`struct cachestat`, in pages."""

    _fields_ = tuple((name, ctypes.c_uint64) for name in ("cached", "dirty", "written", "evicted", "just_evicted"))


def can_drop(path: str) -> bool:
    """Return whether this worker can evict the file from the cache, and check the result."""
    return hasattr(os, "posix_fadvise") and share(path) is not None


def drop(path: str) -> None:
    """Ask the system to evict the file's pages. Pages that a process has mapped stay (posix_fadvise(2), DONTNEED)."""
    with Path(path).open("rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def share(path: str) -> float | None:
    """Return the cached share of the file, 0 to 1. None if it is unknown."""
    if not Path(path).is_file():  # the path comes from the server, and opening a pipe would wait for ever
        return None
    try:
        with Path(path).open("rb") as file:
            pages = max(1, -(-os.fstat(file.fileno()).st_size // PAGE))
            cached = _counted(file.fileno())
            return _sampled(file.fileno(), pages) if cached is None else min(1.0, cached / pages)
    except (OSError, AttributeError):
        return None


def _counted(descriptor: int) -> int | None:
    """Return the number of cached pages: cachestat(2), Linux 6.5. None if the kernel is older or does not allow it.

    Newer kernels answer only those who own the file or may write it.
    """
    counts = _Counts()
    if not _libc or _libc.syscall(CACHESTAT, descriptor, ctypes.byref(_Range()), ctypes.byref(counts), 0):
        return None
    return int(counts.cached) * os.sysconf("SC_PAGESIZE") // PAGE


def _sampled(descriptor: int, pages: int) -> float:
    """Return the cached share of a sample: a read that may not wait finds only cached pages (preadv2(2), RWF_NOWAIT).

    The kernel then fetches the missing page all the same. It would fetch those after it too, and later samples would
    find them, so reads are declared to be in random order (posix_fadvise(2), RANDOM).
    """
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_RANDOM)
    sample = range(0, pages, max(MIN_STEP, pages // SAMPLED_PAGES))
    return sum(_is_cached(descriptor, page * PAGE) for page in sample) / len(sample)


def _is_cached(descriptor: int, offset: int) -> bool:
    try:
        return os.preadv(descriptor, [bytearray(1)], offset, os.RWF_NOWAIT) == 1
    except BlockingIOError:
        return False
