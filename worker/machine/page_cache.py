"""A model's file in the system's page cache: how much of it is there, and how to put it out.

Works where the file is this machine's and may be read, on Linux; elsewhere nothing is known.
"""

import os
from pathlib import Path

PAGE = 4096
LOOKS = 256
"""Pages that are looked at, spread evenly over the file."""


def can_drop(path: str) -> bool:
    """Whether the file can be put out of the cache from here, and be seen to be."""
    return hasattr(os, "posix_fadvise") and share(path) is not None


def drop(path: str) -> None:
    """Ask the system to forget the file's pages: those that no process has mapped go (posix_fadvise(2), DONTNEED)."""
    with Path(path).open("rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def share(path: str) -> float | None:
    """Which share of the file is in the cache, 0 to 1, by a look at some of its pages; None where that is not known.

    A read that may not wait gets only what is cached: RWF_NOWAIT of preadv2(2).
    """
    if not Path(path).is_file():  # the server said where it is, and to open a pipe would be to wait for ever
        return None
    try:
        with Path(path).open("rb") as file:
            pages = max(1, os.fstat(file.fileno()).st_size // PAGE)
            looked_at = range(0, pages, max(1, pages // LOOKS))
            return sum(_is_cached(file.fileno(), page * PAGE) for page in looked_at) / len(looked_at)
    except (OSError, AttributeError):
        return None


def _is_cached(descriptor: int, offset: int) -> bool:
    try:
        return os.preadv(descriptor, [bytearray(1)], offset, os.RWF_NOWAIT) == 1
    except BlockingIOError:
        return False
