"""What belongs to one host: the processes of its Ollama, and the busiest others."""

from collections.abc import Callable

from sampler.loop.schedule import Clock
from sampler.processes.listener import Listener
from sampler.processes.scan import EMPTY, ProcessScan
from sampler.processes.table import Process, ProcessTable
from sampler.processes.usage import OllamaProcesses
from sampler.readings import OllamaReading, ProcessUsage
from sampler.tolerant_read import NotReportedError, TolerantReads


class Listing:
    """The table's processes as of the last `renew`, which all hosts share."""

    def __init__(self, table: ProcessTable) -> None:
        self._table = table
        self._processes: list[Process] = []

    def renew(self) -> None:
        self._processes = self._table.all()

    def all(self) -> list[Process]:
        return self._processes

    def one(self, pid: int) -> Process | None:
        return self._table.one(pid)

    def arguments(self, pid: int) -> list[str]:
        return self._table.arguments(pid)


class HostSource:
    """The processes of the Ollama that the listener finds. If it finds none, all Ollamas on this machine count."""

    def __init__(self, name: str, listener: Listener, listing: Listing, reads: TolerantReads, clock: Clock) -> None:
        self.name = name
        self._scan = ProcessScan(listing, clock, listener, listing.arguments)
        self._last = EMPTY
        self._processes = OllamaProcesses(lambda: self._last.ollama, listing, clock)
        self.read: Callable[[], OllamaReading | None] = reads.tolerant(f"ollama of {name}", self._visible)

    def scan(self) -> None:
        """Find the processes in the listing."""
        self._last = self._scan.take()

    def _visible(self) -> OllamaReading:
        found = self._processes.read()
        if found is None:
            raise NotReportedError("no process of Ollama is visible here")
        return found

    @property
    def pids(self) -> frozenset[int]:
        """The ids of the processes in the last reading."""
        return self._processes.pids

    @property
    def busiest(self) -> tuple[ProcessUsage, ...] | None:
        """The busiest other processes, as of the last scan."""
        return self._last.busiest
