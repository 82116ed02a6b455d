"""The sampler killed, stopped for a while, stopped with all workers, and without one sensor, while sessions run."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise

import psutil
from rich.console import Console

from bench.fault_injection import rooted_sampler
from bench.fault_injection.rooted_sampler import root_with_energy
from bench.fault_injection.setup import FaultSetup, fault_setup, has_ended
from common.messaging import streams
from common.messaging.redis import readings_of
from common.store.tables import Run
from testbed.servers.workers import children
from testbed.waiting import until
from worker.verdicts.machine import MAX_GAP_MS

TIMEOUT_S = 120
AWAY_S = 12
"""Longer than the idle baseline before a test, so that some runs fall into the gap."""
SESSIONS = 4
WORKERS = 2
HOST = "host0"


class Sampler:
    """The sampler of the first host. It reads this machine, with a file of our own as the CPU's energy."""

    def __init__(self, setup: FaultSetup) -> None:
        self._setup = setup
        self._root = setup.folder / "root"
        self._energy = root_with_energy(self._root)
        self._start()

    def _start(self) -> None:
        settings = {"REDIS_URL": self._setup.server.url, "OLLAMA_HOSTS": self._setup.listed_hosts, "SAMPLER_HOST": HOST}
        before = self.newest()
        command = [sys.executable, "-m", rooted_sampler.__name__, str(self._root)]
        with (self._setup.folder / "sampler.log").open("ab") as log:
            self.process = subprocess.Popen(command, env=os.environ | settings, stderr=log)
        until(lambda: self.newest() > before, "readings")

    def newest(self) -> int:
        return max((seq for seq, _ in streams.newest(self._setup.redis, readings_of(HOST))), default=0)

    def readings(self) -> list[streams.Message]:
        return streams.read(self._setup.redis, readings_of(HOST))

    def gap(self) -> tuple[int, int]:
        """Return the start and end of the longest time without a reading, in ms of Redis's clock."""
        return max(pairwise(seq for seq, _ in self.readings()), key=lambda pair: pair[1] - pair[0])

    def kill(self) -> None:
        """Kill the sampler, and start a new one after a while."""
        self.stop()
        time.sleep(AWAY_S)
        self._start()

    def suspend(self) -> None:
        _suspend([psutil.Process(self.process.pid)])

    def suspend_all(self) -> None:
        """Stop every worker and its child too, as on a machine that sleeps."""
        workers = self._setup.workers.started
        children_ = [child for worker in workers for child in children(worker)]
        _suspend([psutil.Process(self.process.pid), *(psutil.Process(worker.pid) for worker in workers), *children_])

    def lose_sensor(self) -> None:
        """Make every read of the CPU's energy fail with an OSError for a while: EISDIR."""
        there = self._energy.rename(self._energy.with_name("away"))
        self._energy.mkdir()
        time.sleep(AWAY_S)
        self._energy.rmdir()
        there.rename(self._energy)

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


FAULTS: dict[str, Callable[[Sampler], None]] = {
    f"sampler killed, a new one after {AWAY_S} s": Sampler.kill,
    f"sampler stopped for {AWAY_S} s": Sampler.suspend,
    f"sampler and workers stopped for {AWAY_S} s": Sampler.suspend_all,
    f"one sensor gone for {AWAY_S} s": Sampler.lose_sensor,
}


def inject_faults(console: Console) -> dict[str, dict[str, str]]:
    """Return the results after each fault."""
    return {name: _inject(name, fault, console) for name, fault in FAULTS.items()}


def _inject(name: str, fault: Callable[[Sampler], None], console: Console) -> dict[str, str]:
    with fault_setup(1, SESSIONS) as setup, _sampler(setup) as sampler:
        sessions = [setup.submit(number, HOST) for number in range(SESSIONS)]
        setup.start_workers(WORKERS)
        until(lambda: Run.select().count(), "a run")
        began = sampler.newest()
        fault(sampler)
        until(lambda: sampler.newest() > began, "new readings")
        console.print(f"  {name}: {SESSIONS - sum(map(has_ended, sessions))} sessions were running or waiting")
        setup.until_ended(sessions, TIMEOUT_S)
        details = _without_energy(sampler) if fault is Sampler.lose_sensor else _flagged(sampler.gap())
        return setup.results(sessions) | {"details": details}


def _flagged(gap: tuple[int, int]) -> str:
    """Describe the gap, and how many of the runs in it are flagged. A gap as short as a late reading does not count."""
    start, end = gap
    runs = [run.record for run in Run.select() if run.record["window"][0] < end]
    blind = [record for record in runs if record["window"][1] > start + MAX_GAP_MS]
    flagged = sum("readings-gap" in {verdict["name"] for verdict in record["verdicts"]} for record in blind)
    flags = f"flagged {flagged} of {len(blind)} runs in it" if blind else "no run in it was stored"
    return f"a gap of {(end - start) / 1000:.1f} s in the readings; {flags}"


def _without_energy(sampler: Sampler) -> str:
    """Describe the readings in which the lost sensor is unknown, and the longest time without a reading."""
    energies = [reading["energy"]["package"] for _, reading in sampler.readings()]
    start, end = sampler.gap()
    unknown = f"the CPU's energy unknown in {energies.count(None)} of {len(energies)} readings"
    return f"{unknown}; known again: {'yes' if energies[-1] is not None else 'no'}; longest gap {end - start} ms"


def _suspend(processes: list[psutil.Process]) -> None:
    for process in processes:
        process.suspend()
    time.sleep(AWAY_S)
    for process in processes:
        process.resume()


@contextmanager
def _sampler(setup: FaultSetup) -> Iterator[Sampler]:
    sampler = Sampler(setup)
    try:
        yield sampler
    finally:
        sampler.stop()
