"""Finds the Ollama under test among several on this machine, by the port that it listens on."""

import ipaddress
import socket
from collections.abc import Collection, Iterable
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from sampler.sources.open_ports import OpenPort
from sampler.sources.process_table import Process

MAX_SEARCHES = 5
"""Searches in a row, because a server that has just started does not listen yet."""


class Listener:
    """The process that listens on a URL's port.

    A search reads all open files of the servers. It is repeated only when a server starts or stops, not for runners.
    """

    def __init__(self, url: str, root: Path = Path("/")) -> None:
        self._port = _port_here(url)
        self._open_port = OpenPort(self._port, root)
        self._servers: frozenset[tuple[int, float]] = frozenset()
        self._found: int | None = None
        self._searches_left = 0

    def find(self, ollama: Collection[Process]) -> int | None:
        """Return the id of the process that listens on the URL's port.

        None if the URL is another machine's, or if no process or several are found: those of another container or
        another user are not visible.
        """
        if self._port is None:
            return None
        pids = {process.pid for process in ollama}
        servers = frozenset((each.pid, each.started) for each in ollama if each.parent not in pids)
        if servers != self._servers:
            self._servers, self._found, self._searches_left = servers, None, MAX_SEARCHES
        if self._found is None and self._searches_left:
            listening = [pid for pid, _ in sorted(servers) if _listens(pid, self._port)]
            self._found = listening[0] if len(listening) == 1 else None
            self._searches_left -= 1
        return self._found

    def find_unnamed(self, processes: Iterable[Process]) -> int | None:
        """Return the id of the process that listens on the URL's port, whatever its name is."""
        return self._open_port.owner(processes)


def _listens(pid: int, port: int) -> bool:
    try:
        connections = psutil.Process(pid).net_connections("tcp")
    except psutil.Error:
        return False
    return any(each.status == psutil.CONN_LISTEN and each.laddr.port == port for each in connections)


def _port_here(url: str) -> int | None:
    """Return the URL's port, or None if the URL is not this machine's. No DNS lookup is made, which could be slow."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    return parts.port if host in {"localhost", socket.gethostname()} or _is_own(host) else None


def _is_own(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:  # a name, not an address
        return False
    own = {each.address for addresses in psutil.net_if_addrs().values() for each in addresses}
    return address.is_loopback or host in own
