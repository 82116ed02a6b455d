"""Names that one process of this machine holds at a time. The kernel frees them when the process ends."""

import socket
import sys


def hold(name: str) -> bool:
    """Hold the name until this process ends. Return False if a process holds it already, this one included.

    Only Linux has such names. Elsewhere nothing is held, and the result is True.
    """
    if sys.platform != "linux":
        return True
    holder = socket.socket(socket.AF_UNIX)
    try:
        holder.bind(f"\0{name}")
    except OSError:
        holder.close()
        return False
    holder.detach()  # the socket stays open, and with it the name
    return True
