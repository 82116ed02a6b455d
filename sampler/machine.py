"""All sources of this machine, read together."""

import time
from pathlib import Path

from sampler.battery import READ_S, BatterySource
from sampler.cadence import Clock, Seldom
from sampler.census import LOOK_S, Census
from sampler.cpu import CpuSource
from sampler.energy import PackageEnergy
from sampler.gpu import Gpus
from sampler.memory import read_memory
from sampler.probe import Probe
from sampler.processes import OllamaProcesses
from sampler.readings import Energy, Reading


class Machine:
    def __init__(self, host: str, gpus: Gpus, *, root: Path = Path("/"), clock: Clock = time.monotonic) -> None:
        census = Seldom(Census(clock).take, LOOK_S, clock)
        processes = OllamaProcesses(lambda: census().ollama, clock)
        self._host = host
        self._cpu = Probe("the CPU", CpuSource(root, clock).read)
        self._memory = Probe("the memory", read_memory)
        self._ollama = Probe("Ollama's process tree", processes.read)
        self._busiest = Probe("the busiest processes", lambda: census().busiest)
        self._gpus = Probe("the GPUs", lambda: gpus.read(processes.pids))
        self._package = Probe("the CPU's energy", PackageEnergy(root).read)
        self._battery = Seldom(Probe("the battery", BatterySource(root).read), READ_S, clock)

    def read(self) -> Reading:
        return Reading(
            host=self._host,
            cpu=self._cpu(),
            memory=self._memory(),
            ollama=self._ollama(),
            gpus=self._gpus(),
            energy=Energy(package=self._package()),
            battery=self._battery(),
            busiest=self._busiest(),
        )
