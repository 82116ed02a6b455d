"""Free ports for servers on this machine."""

import errno
import random
import socket

from common.process.held_names import hold

PORTS = range(10_000, 32_768)
"""No system uses these for outgoing connections, which could take a port between its choice and its use."""


class NoFreePort(OSError):
    """Every port of the range is in use."""


def is_free(host: str, port: int) -> bool:
    """Return whether a server can listen there. A port that only waits for its last connections to end is free."""
    return bind_error(host, port) is None


def bind_error(host: str, port: int) -> str | None:
    """Return why no server can listen there, with advice, or None if one can."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as candidate:
        candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            candidate.bind((host, port))
        except OSError as error:
            return _explanation(host, port, error)
    return None


def addresses(host: str, port: int) -> set[str]:
    """Return the IP addresses at which a server on this host listens."""
    return {str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}


def _explanation(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is in use. Stop its program, or set GAIT_PORT to another port, such as 8001."
    if error.errno == errno.EACCES:
        return f"This user may not listen on port {port}. Set GAIT_PORT to another port, such as 8001."
    if error.errno == errno.EADDRNOTAVAIL or isinstance(error, socket.gaierror):
        return f"{host} is not an address of this machine. Set GAIT_HOST to one, such as 127.0.0.1 or 0.0.0.0."
    return f"No server can listen on {host}, port {port}: {error.strerror}. Set GAIT_HOST and GAIT_PORT."


def free_port(host: str = "127.0.0.1") -> int:
    """Return a port without a listener that no other call returns while this process runs."""
    for _ in PORTS:
        port = random.choice(PORTS)  # noqa: S311 - no secret
        if is_free(host, port) and _reserve(port):
            return port
    raise NoFreePort(f"Every port of {host} from {PORTS.start} to {PORTS.stop - 1} is in use.")


def _reserve(port: int) -> bool:
    """Reserve the port among Gait's processes."""
    return hold(f"gait-port-{port}")
