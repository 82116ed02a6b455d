"""A process that ends when its parent dies."""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1
libc = ctypes.CDLL(None) if sys.platform == "linux" else None  # loaded at import, because loading after a fork may hang


def set_parent_death_signal(parent: int | None, number: int) -> None:
    """Make Linux (prctl(2)) send this process the signal `number` when its parent dies.

    `parent` is the parent's process id before the fork, which is 1 in a container. If the parent has died since then,
    this process ends now.
    """
    if libc is not None:
        libc.prctl(PR_SET_PDEATHSIG, number)
    if os.getppid() != parent:
        os._exit(1)
