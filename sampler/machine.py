"""All sources of this machine, read together."""

import time
from collections.abc import Mapping
from pathlib import Path

from sampler.gpu import Gpus
from sampler.loop.schedule import Clock, Throttled
from sampler.processes.host import HostSource, Listing
from sampler.processes.listener import Listener
from sampler.processes.scan import SCAN_INTERVAL_S
from sampler.processes.table import process_table
from sampler.readings import EnergyReading, GpuReading, Reading
from sampler.sources.battery import READ_INTERVAL_S, BatterySource
from sampler.sources.cpu import CpuSource
from sampler.sources.energy import PackageEnergy
from sampler.sources.memory import MemorySource
from sampler.tolerant_read import TolerantReads


class Machine:
    """The machine's sources. Call `prepare` between two readings, for the sources that are slow to read.

    `hosts` are the ports of the Ollamas under test on this machine, by host. If one is unknown, all Ollamas here count.
    """

    def __init__(
        self, hosts: Mapping[str, int | None], gpus: Gpus, *, root: Path = Path("/"), clock: Clock = time.monotonic
    ) -> None:
        self._reads = reads = TolerantReads()
        self._listing, self._cpu, self._gpus = Listing(process_table(root)), CpuSource(root, clock, reads), gpus
        self._hosts = [
            HostSource(name, Listener(port, root), self._listing, reads, clock) for name, port in hosts.items()
        ]
        self._memory = reads.tolerant("memory", MemorySource(root, reads).read)
        self._package = reads.tolerant("cpu energy", PackageEnergy(root, clock).read)
        self._battery = Throttled(reads.tolerant("battery", BatterySource(root, reads).read), READ_INTERVAL_S, clock)
        self._scan = Throttled(reads.tolerant("processes", self._scan_processes), SCAN_INTERVAL_S, clock)
        self._slow = (self._cpu.prepare, self._battery, self._scan)
        self.prepare()

    def prepare(self) -> None:
        """Read the slow sources again if their interval has passed."""
        for read in self._slow:
            read()

    def read(self) -> list[Reading]:
        """Return a reading for each host. The machine is read once, and what is Ollama's differs by host."""
        cpu, memory = self._cpu.read(), self._memory()
        ollama = [host.read() for host in self._hosts]
        gpus = self._reads.read("gpu readings", self._read_gpus) or [None] * len(self._hosts)
        energy, battery = EnergyReading(package=self._package()), self._battery.last
        return [
            Reading(host.name, cpu, memory, processes, of_host, energy, battery, host.busiest)
            for host, processes, of_host in zip(self._hosts, ollama, gpus, strict=True)
        ]

    def _read_gpus(self) -> list[tuple[GpuReading, ...] | None]:
        first, *others = self._hosts
        found = self._gpus.read(first.pids)
        return [found, *(self._gpus.attributed(found, host.pids) for host in others)]

    def _scan_processes(self) -> None:
        self._listing.renew()
        for host in self._hosts:
            host.scan()

    @property
    def missing(self) -> dict[str, str]:
        """The names of the values that are unknown now, each with the reason."""
        return self._reads.missing
