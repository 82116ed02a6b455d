"""Ports for servers on this machine."""

import random
import socket
import sys

BEYOND = range(10_000, 32_768)
"""No system uses these for outgoing connections, which could take a port between its choice and its use."""


class NoFreePort(OSError):
    """Every port that may be used is taken."""


def is_free(host: str, port: int) -> bool:
    """Return whether a server may listen there. A port that is only waiting out its last connections counts as free."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as candidate:
        candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            candidate.bind((host, port))
        except OSError:
            return False
    return True


def free_port(host: str = "127.0.0.1") -> int:
    """Return a port that nobody listens on, and that no other call returns while this process lives."""
    for port in random.sample(BEYOND, len(BEYOND)):
        if is_free(host, port) and _reserve(port):
            return port
    raise NoFreePort(f"Every port of {host} from {BEYOND.start} to {BEYOND.stop - 1} is taken.")


def _reserve(port: int) -> bool:
    """Reserve the port among Gait's processes by a name that the kernel (Linux's) frees when this process ends."""
    if sys.platform != "linux":
        return True
    name = socket.socket(socket.AF_UNIX)
    try:
        name.bind(f"\0gait-port-{port}")
    except OSError:
        name.close()
        return False
    name.detach()  # it stays open, and with it the name
    return True
