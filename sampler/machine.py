"""All sources of this machine, read together."""

import time
from pathlib import Path

from sampler.gpu import Gpus
from sampler.readings import EnergyReading, OllamaReading, Reading
from sampler.schedule import Clock, Throttled
from sampler.sources.battery import READ_INTERVAL_S, BatterySource
from sampler.sources.cpu import CpuSource
from sampler.sources.energy import PackageEnergy
from sampler.sources.listener import Listener
from sampler.sources.memory import MemorySource
from sampler.sources.process_scan import EMPTY, SCAN_INTERVAL_S, ProcessScan, ScanResult
from sampler.sources.process_table import process_table
from sampler.sources.processes import OllamaProcesses
from sampler.tolerant_read import NotReportedError, TolerantReads


class Machine:
    """The machine's sources. Call `prepare` between two readings, for the sources that are slow to read.

    `url` is that of the Ollama under test. Without it, all Ollamas on this machine count.
    """

    def __init__(
        self, host: str, gpus: Gpus, url: str = "", *, root: Path = Path("/"), clock: Clock = time.monotonic
    ) -> None:
        self._reads = reads = TolerantReads()
        table, self._cpu = process_table(root), CpuSource(root, clock, reads)
        processes = OllamaProcesses(lambda: self._last_scan.ollama, table, clock)
        scan = ProcessScan(table, clock, Listener(url, root), table.arguments)
        self._host = host
        self._memory = reads.tolerant("memory", MemorySource(root, reads).read)
        self._ollama = reads.tolerant("ollama", lambda: _visible(processes.read()))
        self._gpus = reads.tolerant("gpu readings", lambda: gpus.read(processes.pids))
        self._package = reads.tolerant("cpu energy", PackageEnergy(root, clock).read)
        self._battery = Throttled(reads.tolerant("battery", BatterySource(root, reads).read), READ_INTERVAL_S, clock)
        self._scan = Throttled(reads.tolerant("processes", scan.take), SCAN_INTERVAL_S, clock)
        self._slow = (self._cpu.prepare, self._battery, self._scan)
        self.prepare()

    def prepare(self) -> None:
        """Read the slow sources again if their interval has passed."""
        for read in self._slow:
            read()

    def read(self) -> Reading:
        return Reading(
            host=self._host,
            cpu=self._cpu.read(),
            memory=self._memory(),
            ollama=self._ollama(),
            gpus=self._gpus(),
            energy=EnergyReading(package=self._package()),
            battery=self._battery.last,
            busiest=self._last_scan.busiest,
        )

    @property
    def missing(self) -> dict[str, str]:
        """The names of the values that are unknown now, each with the reason."""
        return self._reads.missing

    @property
    def _last_scan(self) -> ScanResult:
        return self._scan.last or EMPTY


def _visible(found: OllamaReading | None) -> OllamaReading:
    if found is None:
        raise NotReportedError("no process of Ollama is visible here")
    return found
