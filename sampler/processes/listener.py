"""Finds the Ollama under test among several on this machine, by the port that it listens on."""

from collections.abc import Collection, Iterable
from pathlib import Path

import psutil

from sampler.processes.open_ports import OpenPort
from sampler.processes.table import Process

MAX_SEARCHES = 5
"""Searches in a row, because a server that has just started does not listen yet."""


class Listener:
    """The process that listens on a port. None stands for a server whose port here is unknown.

    A search reads all open files of the servers. It is repeated only when a server starts or stops, not for runners.
    """

    def __init__(self, port: int | None, root: Path = Path("/")) -> None:
        self._port = port
        self._open_port = OpenPort(port, root)
        self._servers: frozenset[tuple[int, float]] = frozenset()
        self._found: int | None = None
        self._searches_left = 0

    def find(self, ollama: Collection[Process]) -> int | None:
        """Return the id of the process that listens on the port.

        None if the port is unknown, or if no process or several are found: those of another container or
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
        """Return the id of the process that listens on the port, whatever its name is."""
        return self._open_port.owner(processes)


def _listens(pid: int, port: int) -> bool:
    try:
        connections = psutil.Process(pid).net_connections("tcp")
    except (psutil.Error, OSError, ValueError):
        return False
    return any(each.status == psutil.CONN_LISTEN and each.laddr.port == port for each in connections)
