"""Workers killed, terminated and frozen at random moments of running sessions. Each session is hit once."""

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

from bench.fault_injection.setup import FaultSetup, claim_to, fault_setup, has_ended
from common.messaging.jobs.session_job import SessionJob
from common.store.database import database
from common.store.tables import Session
from testbed.servers.workers import children, kill
from testbed.waiting import until

HOSTS = 5
WORKERS = 7
TIMEOUT_S = 300
FROZEN_S = 20
"""Longer than a worker's entry on the queue lives."""
SESSION_S = 2.5
"""About the time of a session without a fault."""

Worker = subprocess.Popen[bytes]
Fault = Callable[[Worker], threading.Timer | None]
"""Applies a fault. Returns a timer if it has a second part."""


def kill_child(worker: Worker) -> None:
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
    """Stop a worker and its child until others must consider them dead, then let both continue."""
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
    "kill -9 of the measuring process": kill_child,
    "kill -9 of the worker": kill_worker,
    "kill -9 of both": kill_both,
    "SIGTERM": terminate,
    f"SIGSTOP for {FROZEN_S} s": freeze,
}


class FaultInjection:
    def __init__(self, setup: FaultSetup, console: Console, seed: int) -> None:
        self._setup = setup
        self._console = console
        self._seed = seed
        self._starting = threading.Lock()
        self._timers: list[threading.Timer] = []

    def hit_all(self, sessions: list[Session]) -> list[float | None]:
        """Hit each host's sessions in order, with the hosts in parallel. Returns the result of `_hit` for each."""
        by_host = [[session for session in sessions if session.host == host] for host in self._setup.hosts]
        with ThreadPoolExecutor(len(by_host)) as hosts:
            found = [hit for hits in hosts.map(self._hit_in_turn, by_host) for hit in hits]
        for thaw in self._timers:
            thaw.join()
        until(
            lambda: not any(map(children, self._setup.workers.started)),
            "frozen workers to notice their lost claims",
        )
        return found

    def _hit_in_turn(self, sessions: list[Session]) -> list[float | None]:
        with database.connection_context():
            return [self._hit(session) for session in sessions]

    def _hit(self, session: Session) -> float | None:
        """Wait for a random moment of the running session, and hit its worker.

        Returns the seconds until another worker claimed the session, or None if the session had ended before.
        """
        chance = random.Random(f"{self._seed} {session.id}")  # noqa: S311 - a moment and a fault, not a secret
        name, fault = chance.choice(list(FAULTS.items()))
        until(lambda: claim_to(session) or has_ended(session), f"{session.id} to run", TIMEOUT_S)
        time.sleep(chance.uniform(0, SESSION_S))
        worker, claim = self._worker_of(session), claim_to(session)
        started = time.monotonic()
        if worker is not None and claim is not None:
            timer = fault(worker)
            self._timers += [timer] if timer else []
            until(lambda: has_ended(session) or claim_to(session) not in (claim, None), "a takeover", TIMEOUT_S)
        took = None if worker is None or has_ended(session) else time.monotonic() - started
        self._print(session, name, took)
        self._replace()
        until(lambda: has_ended(session), f"the end of {session.id}", TIMEOUT_S)
        return took

    def _worker_of(self, session: Session) -> Worker | None:
        job = SessionJob.fetch(session.id, self._setup.redis)
        pid = self._setup.redis.hget(f"rq:worker:{job.worker_name}", "pid") if job.worker_name else None
        found = [worker for worker in self._setup.workers.started if pid and worker.pid == int(pid)]
        return next((worker for worker in found if worker.poll() is None), None)

    def _replace(self) -> None:
        with self._starting:
            alive = sum(worker.poll() is None for worker in self._setup.workers.started)
            self._setup.start_workers(max(0, WORKERS - alive))

    def _print(self, session: Session, fault: str, took: float | None) -> None:
        outcome = "it had ended" if took is None else f"claimed again after {took:.1f} s"
        self._console.print(f"  {session.id} on {session.host}: {fault}: {outcome}")


def inject_faults(console: Console, count: int, seed: int) -> dict[str, str]:
    """Return the results by column."""
    with fault_setup(HOSTS, count) as setup:
        sessions = [setup.submit(number, f"host{number % HOSTS}") for number in range(count)]
        setup.start_workers(WORKERS)
        hits = FaultInjection(setup, console, seed).hit_all(sessions)
        takeovers = sorted(took for took in hits if took is not None)
        p95 = quantiles(takeovers, n=20)[-1] if len(takeovers) > 1 else float("nan")
        hit = f"of {len(takeovers)} that ran when hit"
        takeover = f"takeover after median {median(takeovers):.1f} s, p95 {p95:.1f} s, {hit}"
        return setup.results(sessions) | {"details": takeover}
