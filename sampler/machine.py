"""All sources of this machine, read together."""

import time
from pathlib import Path

from sampler.gpu import Gpus
from sampler.readings import Energy, Reading
from sampler.schedule import Clock, Throttled
from sampler.sources.battery import READ_S, BatterySource
from sampler.sources.cpu import CpuSource
from sampler.sources.energy import PackageEnergy
from sampler.sources.listener import Listener
from sampler.sources.memory import MemorySource
from sampler.sources.process_scan import LOOK_S, NOTHING, Found, ProcessScan
from sampler.sources.process_table import process_table
from sampler.sources.processes import OllamaProcesses
from sampler.tolerant_read import Probe


class Machine:
    """To be prepared between two readings, for what takes too long to be part of one. `url` is the Ollama's under test;
    without it all that run here count.
    """

    def __init__(
        self, host: str, gpus: Gpus, url: str = "", *, root: Path = Path("/"), clock: Clock = time.monotonic
    ) -> None:
        table, cpu = process_table(root), CpuSource(root, clock)
        processes = OllamaProcesses(lambda: self._found.ollama, table, clock)
        self._host = host
        self._cpu = Probe("the CPU", cpu.read)
        self._memory = Probe("the memory", MemorySource(root).read)
        self._ollama = Probe("Ollama's process tree", processes.read)
        self._gpus = Probe("the GPUs", lambda: gpus.read(processes.pids))
        self._package = Probe("the CPU's energy", PackageEnergy(root).read)
        self._battery = Throttled(Probe("the battery", BatterySource(root).read), READ_S, clock)
        self._census = Throttled(Probe("the processes", ProcessScan(table, clock, Listener(url)).take), LOOK_S, clock)
        self._slow = (cpu.prepare, self._battery, self._census)
        self.prepare()

    def prepare(self) -> None:
        """Read anew what is read seldom, where it is due."""
        for read in self._slow:
            read()

    def read(self) -> Reading:
        return Reading(
            host=self._host,
            cpu=self._cpu(),
            memory=self._memory(),
            ollama=self._ollama(),
            gpus=self._gpus(),
            energy=Energy(package=self._package()),
            battery=self._battery.kept,
            busiest=self._found.busiest,
        )

    @property
    def _found(self) -> Found:
        return self._census.kept or NOTHING
