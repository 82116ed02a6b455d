"""The sampler killed, stopped for a while, and stopped with all workers, in the middle of sessions."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise

import psutil
from rich.console import Console

from bench.fault_injection.site import Site, has_ended, site
from common.messaging import streams
from common.messaging.redis import readings_of
from common.store.tables import Run
from testbed.waiting import until
from testbed.workers import children
from worker.verdicts.machine import MAX_GAP_MS

PATIENCE_S = 120
AWAY_S = 12
"""Longer than the look at the idle machine before a test, so that some runs lie in the gap."""
SESSIONS = 4
WORKERS = 2
HOST = "host0"


class Sampler:
    """That of the first host; what it reads is this machine."""

    def __init__(self, place: Site) -> None:
        self._place = place
        self._start()

    def _start(self) -> None:
        settings = {"REDIS_URL": self._place.server.url, "OLLAMA_HOSTS": self._place.listed_hosts, "SAMPLER_HOST": HOST}
        before = self.newest()
        with (self._place.folder / "sampler.log").open("ab") as log:
            self.process = subprocess.Popen([sys.executable, "-m", "sampler"], env=os.environ | settings, stderr=log)
        until(lambda: self.newest() > before, "readings")

    def newest(self) -> int:
        return max((seq for seq, _ in streams.newest(self._place.redis, readings_of(HOST))), default=0)

    def gap(self) -> tuple[int, int]:
        """The longest time without a reading: when it began and ended, in ms of Redis's clock."""
        numbers = [seq for seq, _ in streams.read(self._place.redis, readings_of(HOST))]
        return max(pairwise(numbers), key=lambda pair: pair[1] - pair[0])

    def kill(self) -> None:
        """And after a while a new one."""
        self.stop()
        time.sleep(AWAY_S)
        self._start()

    def suspend(self) -> None:
        _suspend([psutil.Process(self.process.pid)])

    def suspend_all(self) -> None:
        """With every worker and its child, as on a machine that sleeps."""
        workers = self._place.workers.started
        horses = [child for worker in workers for child in children(worker)]
        _suspend([psutil.Process(self.process.pid), *(psutil.Process(worker.pid) for worker in workers), *horses])

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


FAULTS: dict[str, Callable[[Sampler], None]] = {
    f"sampler killed, a new one after {AWAY_S} s": Sampler.kill,
    f"sampler stopped for {AWAY_S} s": Sampler.suspend,
    f"sampler and workers stopped for {AWAY_S} s": Sampler.suspend_all,
}


def inject_faults(console: Console) -> dict[str, dict[str, str]]:
    """What was found after each fault."""
    return {name: _survive(name, fault, console) for name, fault in FAULTS.items()}


def _survive(name: str, fault: Callable[[Sampler], None], console: Console) -> dict[str, str]:
    with site(1, SESSIONS) as place, _sampler(place) as sampler:
        sessions = [place.submit(number, HOST) for number in range(SESSIONS)]
        place.start_workers(WORKERS)
        until(lambda: Run.select().count(), "a run")
        began = sampler.newest()
        fault(sampler)
        until(lambda: sampler.newest() > began, "readings to go on")
        console.print(f"  {name}: {SESSIONS - sum(map(has_ended, sessions))} sessions were running or waiting")
        place.until_ended(sessions, PATIENCE_S)
        return place.found(sessions) | {"details": _flagged(sampler.gap())}


def _flagged(gap: tuple[int, int]) -> str:
    """Of the runs that reach into the gap so far that it can be told from a late reading, how many say so."""
    start, end = gap
    runs = [run.record for run in Run.select() if run.record["window"][0] < end]
    blind = [record for record in runs if record["window"][1] > start + MAX_GAP_MS]
    flagged = sum("readings-gap" in {verdict["name"] for verdict in record["verdicts"]} for record in blind)
    told = f"flagged {flagged} of {len(blind)} runs in it" if blind else "no run in it was stored"
    return f"a gap of {(end - start) / 1000:.1f} s in the readings; {told}"


def _suspend(processes: list[psutil.Process]) -> None:
    for process in processes:
        process.suspend()
    time.sleep(AWAY_S)
    for process in processes:
        process.resume()


@contextmanager
def _sampler(place: Site) -> Iterator[Sampler]:
    sampler = Sampler(place)
    try:
        yield sampler
    finally:
        sampler.stop()
