"""Free ports for servers on this machine."""

import random
import socket
import sys

PORTS = range(10_000, 32_768)
"""No system uses these for outgoing connections, which could take a port between its choice and its use."""


class NoFreePort(OSError):
    """Every port of the range is in use."""


def is_free(host: str, port: int) -> bool:
    """Return whether a server can listen there. A port that only waits for its last connections to end is free."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as candidate:
        candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            candidate.bind((host, port))
        except OSError:
            return False
    return True


def free_port(host: str = "127.0.0.1") -> int:
    """Return a port without a listener that no other call returns while this process runs."""
    for _ in PORTS:
        port = random.choice(PORTS)  # noqa: S311 - no secret
        if is_free(host, port) and _reserve(port):
            return port
    raise NoFreePort(f"Every port of {host} from {PORTS.start} to {PORTS.stop - 1} is in use.")


def _reserve(port: int) -> bool:
    """Reserve the port among Gait's processes, by a socket name that Linux frees when this process ends."""
    if sys.platform != "linux":
        return True
    name = socket.socket(socket.AF_UNIX)
    try:
        name.bind(f"\0gait-port-{port}")
    except OSError:
        name.close()
        return False
    name.detach()  # the socket stays open, and with it the name
    return True
