"""Workers killed, stopped and frozen at random moments of sessions that run: each session is hit once."""

import random
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from statistics import median, quantiles

import psutil
from rich.console import Console
from rq.job import Job

from bench.fault_injection.site import Site, claim_to, has_ended, site
from common.messaging import queue
from common.store.database import database
from common.store.tables import Session
from testbed.waiting import until
from testbed.workers import children, kill

HOSTS = 5
WORKERS = 7
PATIENCE_S = 300
FROZEN_S = 20
"""Longer than a worker's entry in the queue lives."""
LONGEST_S = 2.5
"""About what a session takes when nothing happens to it."""

Worker = subprocess.Popen[bytes]
Fault = Callable[[Worker], threading.Timer | None]
"""Gives what has yet to happen, if anything has."""


def kill_horse(worker: Worker) -> None:
    for child in children(worker):
        kill(child.pid)


def kill_worker(worker: Worker) -> None:
    kill(worker.pid)


def kill_both(worker: Worker) -> None:
    for pid in [child.pid for child in children(worker)] + [worker.pid]:
        kill(pid)


def terminate(worker: Worker) -> None:
    worker.send_signal(signal.SIGTERM)


def freeze(worker: Worker) -> threading.Timer:
    """Worker and horse, until others must think them dead; then both go on."""
    family = [*children(worker), psutil.Process(worker.pid)]
    for process in family:
        process.suspend()
    thaw = threading.Timer(FROZEN_S, _thaw, [family])
    thaw.start()
    return thaw


def _thaw(family: list[psutil.Process]) -> None:
    for process in family:
        process.resume()


FAULTS: dict[str, Fault] = {
    "kill -9 of the horse": kill_horse,
    "kill -9 of the worker": kill_worker,
    "kill -9 of both": kill_both,
    "SIGTERM": terminate,
    f"SIGSTOP for {FROZEN_S} s": freeze,
}


class FaultInjection:
    def __init__(self, place: Site, console: Console, seed: int) -> None:
        self._place = place
        self._console = console
        self._seed = seed
        self._starting = threading.Lock()
        self._to_come: list[threading.Timer] = []

    def hit_all(self, sessions: list[Session]) -> list[float | None]:
        """Each host's sessions in their order, the hosts side by side. Returns what `_hit` says of each."""
        by_host = [[session for session in sessions if session.host == host] for host in self._place.hosts]
        with ThreadPoolExecutor(len(by_host)) as hosts:
            found = [hit for hits in hosts.map(self._hit_in_turn, by_host) for hit in hits]
        for thaw in self._to_come:
            thaw.join()
        until(lambda: not any(map(children, self._place.workers.started)), "the frozen to find their claims gone")
        return found

    def _hit_in_turn(self, sessions: list[Session]) -> list[float | None]:
        with database.connection_context():
            return [self._hit(session) for session in sessions]

    def _hit(self, session: Session) -> float | None:
        """Wait for the session to run, then for a random moment of it. Returns the seconds until another claim held, or
        None where the session had ended before.
        """
        lot = random.Random(f"{self._seed} {session.id}")  # noqa: S311 - a moment and a fault, no secret
        name, fault = lot.choice(list(FAULTS.items()))
        until(lambda: claim_to(session) or has_ended(session), f"{session.id} to run", PATIENCE_S)
        time.sleep(lot.uniform(0, LONGEST_S))
        worker, claim = self._worker_of(session), claim_to(session)
        started = time.monotonic()
        if worker is not None and claim is not None:
            to_come = fault(worker)
            self._to_come += [to_come] if to_come else []
            until(lambda: has_ended(session) or claim_to(session) not in (claim, None), "a takeover", PATIENCE_S)
        took = None if worker is None or has_ended(session) else time.monotonic() - started
        self._tell(session, name, took)
        self._replace()
        until(lambda: has_ended(session), f"the end of {session.id}", PATIENCE_S)
        return took

    def _worker_of(self, session: Session) -> Worker | None:
        job = Job.fetch(session.id, connection=self._place.redis, serializer=queue.SERIALIZER)
        pid = self._place.redis.hget(f"rq:worker:{job.worker_name}", "pid") if job.worker_name else None
        found = [worker for worker in self._place.workers.started if pid and worker.pid == int(pid)]
        return next((worker for worker in found if worker.poll() is None), None)

    def _replace(self) -> None:
        with self._starting:
            alive = sum(worker.poll() is None for worker in self._place.workers.started)
            self._place.start_workers(max(0, WORKERS - alive))

    def _tell(self, session: Session, fault: str, took: float | None) -> None:
        what = "it had ended" if took is None else f"taken up after {took:.1f} s"
        self._console.print(f"  {session.id} on {session.host}: {fault}: {what}")


def inject_faults(console: Console, count: int, seed: int) -> dict[str, str]:
    """What was found, by what was looked at."""
    with site(HOSTS, count) as place:
        sessions = [place.submit(number, f"host{number % HOSTS}") for number in range(count)]
        place.start_workers(WORKERS)
        hits = FaultInjection(place, console, seed).hit_all(sessions)
        takeovers = sorted(took for took in hits if took is not None)
        p95 = quantiles(takeovers, n=20)[-1] if len(takeovers) > 1 else float("nan")
        hit = f"of {len(takeovers)} that ran when hit"
        takeover = f"takeover after median {median(takeovers):.1f} s, p95 {p95:.1f} s, {hit}"
        return place.found(sessions) | {"details": takeover}
