"""A process that does not outlive its parent."""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1
libc = ctypes.CDLL(None) if sys.platform == "linux" else None  # loaded here, because loading after a fork may hang


def die_with(parent: int | None, by: int) -> None:
    """Ask the kernel (prctl(2), Linux's) to send this process the signal `by` when its parent dies, and end now if the
    parent died before the kernel knew.

    `parent` is the parent's number from before the fork; 1 is a good one, in a container.
    """
    if libc is not None:
        libc.prctl(PR_SET_PDEATHSIG, by)
    if os.getppid() != parent:
        os._exit(1)
