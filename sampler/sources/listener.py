"""Which of several Ollamas on this machine is the one under test: the one that listens where its URL says."""

import ipaddress
import socket
from collections.abc import Collection
from urllib.parse import urlsplit

import psutil

from sampler.sources.process_table import Process

LOOKS = 5
"""So many times in a row: a server that has just started listens a moment later."""


class Listener:
    """Searched for anew only when a server comes or goes, not with every runner, because it takes a look at all of
    their open files.
    """

    def __init__(self, url: str) -> None:
        self._port = _port_here(url)
        self._servers: frozenset[tuple[int, float]] = frozenset()
        self._found: int | None = None
        self._looks = 0

    def find(self, ollama: Collection[Process]) -> int | None:
        """The number of the process that listens on the URL's port; None where the URL is another machine's, or where
        none or several may be it, as behind a container's port or another user's wall.
        """
        if self._port is None:
            return None
        pids = {process.pid for process in ollama}
        servers = frozenset((each.pid, each.started) for each in ollama if each.parent not in pids)
        if servers != self._servers:
            self._servers, self._found, self._looks = servers, None, LOOKS
        if self._found is None and self._looks:
            listening = [pid for pid, _ in sorted(servers) if _listens(pid, self._port)]
            self._found = listening[0] if len(listening) == 1 else None
            self._looks -= 1
        return self._found


def _listens(pid: int, port: int) -> bool:
    try:
        connections = psutil.Process(pid).net_connections("tcp")
    except psutil.Error:
        return False
    return any(each.status == psutil.CONN_LISTEN and each.laddr.port == port for each in connections)


def _port_here(url: str) -> int | None:
    """None where the URL is not this machine's. No name is looked up: a server of names may take its time."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    return parts.port if host in {"localhost", socket.gethostname()} or _is_own(host) else None


def _is_own(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:  # a name
        return False
    own = {each.address for addresses in psutil.net_if_addrs().values() for each in addresses}
    return address.is_loopback or host in own
