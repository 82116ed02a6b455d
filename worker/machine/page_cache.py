"""A model's file in the system's page cache: its cached share, and how to evict it.

This needs Linux, and a file on this machine that the worker may read. Otherwise the share is unknown.
"""

import os
from pathlib import Path

PAGE = 4096
SAMPLED_PAGES = 256
"""Number of pages to check, spread evenly over the file."""


def can_drop(path: str) -> bool:
    """Return whether this worker can evict the file from the cache, and check the result."""
    return hasattr(os, "posix_fadvise") and share(path) is not None


def drop(path: str) -> None:
    """Ask the system to evict the file's pages. Pages that a process has mapped stay (posix_fadvise(2), DONTNEED)."""
    with Path(path).open("rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def share(path: str) -> float | None:
    """Return the cached share of the file, 0 to 1, by a sample of its pages. None if it is unknown.

    A read that may not wait returns only what is cached: RWF_NOWAIT of preadv2(2).
    """
    if not Path(path).is_file():  # the path comes from the server, and opening a pipe would wait for ever
        return None
    try:
        with Path(path).open("rb") as file:
            pages = max(1, os.fstat(file.fileno()).st_size // PAGE)
            sample = range(0, pages, max(1, pages // SAMPLED_PAGES))
            return sum(_is_cached(file.fileno(), page * PAGE) for page in sample) / len(sample)
    except (OSError, AttributeError):
        return None


def _is_cached(descriptor: int, offset: int) -> bool:
    try:
        return os.preadv(descriptor, [bytearray(1)], offset, os.RWF_NOWAIT) == 1
    except BlockingIOError:
        return False
