"""The API killed and reloaded while clients watch over WebSockets and others submit."""

import contextlib
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from statistics import median, quantiles

import requests
from rich.console import Console

from bench.fault_injection.follower import Follower
from bench.fault_injection.setup import OPTIONS, TYPES, FaultSetup, fault_setup, model_of
from common.messaging import streams
from common.messaging.redis import PROGRESS, progress_of
from common.store.tables import Session
from local.ports import free_port
from testbed.servers.api_server import ApiServer, api_server
from testbed.servers.workers import kill
from testbed.waiting import until

CLIENTS = 200
HOSTS = 2
SESSIONS = 20
WORKERS = 3
TIMEOUT_S = 300
MESSAGES_BETWEEN = 20
"""Messages that must arrive before the next fault."""
RETRY_S = 0.2


class Api:
    """An API that can be killed, and restarts at the same address."""

    def __init__(self, folder: Path, settings: dict[str, str]) -> None:
        self._folder = folder
        self._settings = settings
        self._port = free_port()
        self._running = contextlib.ExitStack()
        self.server = self._start()

    def _start(self) -> ApiServer:
        return self._running.enter_context(api_server(self._folder, self._settings, self._port))

    def kill_worker(self) -> None:
        for worker in self.server.workers:
            kill(worker.pid)

    def restart(self) -> None:
        """Kill all processes with SIGKILL, and start new ones."""
        workers = self.server.workers
        kill(self.server.process.pid)
        for worker in workers:
            kill(worker.pid)
        self.stop()
        self.server = self._start()

    def reload(self) -> None:
        """Reload as a deployment does."""
        self.server.process.send_signal(signal.SIGHUP)

    def stop(self) -> None:
        self._running.close()


FAULTS: dict[str, Callable[[Api], None]] = {
    "kill -9 of gunicorn's worker": Api.kill_worker,
    "kill -9 of gunicorn and its worker": Api.restart,
    "SIGHUP": Api.reload,
}


@dataclass(frozen=True)
class Watched:
    """What all clients together saw of `messages`. `away_s` is how long they were disconnected, each time."""

    messages: int
    missed: int
    twice: int
    away_s: list[float]

    def __str__(self) -> str:
        return f"of {self.messages} messages missed {self.missed}, twice {self.twice}; {_describe(self.away_s)}"


def _describe(away_s: Iterable[float]) -> str:
    times = list(away_s)
    return f"connected again after median {median(times):.1f} s, p95 {quantiles(times, n=20)[-1]:.1f} s"


def inject_faults(console: Console) -> dict[str, dict[str, str]]:
    """Return the results after all three faults."""
    with fault_setup(HOSTS, SESSIONS) as setup, served(setup) as api:
        sessions, watched = watch_through(setup, api, CLIENTS, SESSIONS, console.print)
        found = setup.results(sessions) | {"details": str(watched)}
    return {f"API killed and reloaded, {CLIENTS} WebSockets": found}


@contextmanager
def served(setup: FaultSetup) -> Iterator[Api]:
    settings = {"REDIS_URL": setup.server.url, "DATABASE_URL": setup.database_url, "OLLAMA_HOSTS": setup.listed_hosts}
    api = Api(setup.folder, settings)
    try:
        yield api
    finally:
        api.stop()


def watch_through(
    setup: FaultSetup, api: Api, clients: int, count: int, report: Callable[[str], object]
) -> tuple[list[Session], Watched]:
    """Submit `count` sessions, watch them with many clients, and inject all FAULTS into the API meanwhile.

    Every other client watches only the first session.
    """
    setup.start_workers(WORKERS)
    address = api.server.address
    ids = [submit(address, 0, "host0")]
    followers = [Follower(address, ids[0] if number % 2 else None) for number in range(clients)]
    threads = [follower.start() for follower in followers]
    rest = threading.Thread(target=lambda: ids.extend(submit(address, n, f"host{n % HOSTS}") for n in range(1, count)))
    until(lambda: all(follower.connected for follower in followers), "all clients to be connected", TIMEOUT_S)
    rest.start()
    for name, fault in FAULTS.items():
        _await_messages(setup)
        before = [len(follower.away_s) for follower in followers]
        fault(api)
        until(lambda: _have_reconnected(followers, before), f"all clients to reconnect after {name}", TIMEOUT_S)  # noqa: B023 - called at once
        report(f"  {name}: {_describe(follower.away_s[-1] for follower in followers)}")
    rest.join()
    sessions = [Session.get_by_id(session_id) for session_id in ids]
    setup.until_ended(sessions, TIMEOUT_S)
    return sessions, _watched(setup, followers, threads)


def submit(address: str, number: int, host: str) -> str:
    """Submit a session, with one idempotency key for all attempts, and return its id."""
    body = {"models": [model_of(number)], "testTypes": TYPES, "host": host, "options": dict.fromkeys(TYPES, OPTIONS)}
    headers = {"Idempotency-Key": f"fault injection {number}"}
    while True:
        with contextlib.suppress(requests.RequestException):
            answer = requests.post(f"http://{address}/api/v1/test-sessions", json=body, headers=headers, timeout=30)
            if answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
                answer.raise_for_status()
                return str(answer.json()["sessionId"])
        time.sleep(RETRY_S)


def _await_messages(setup: FaultSetup) -> None:
    before = setup.redis.xlen(PROGRESS)
    until(lambda: setup.redis.xlen(PROGRESS) > before + MESSAGES_BETWEEN, "messages", TIMEOUT_S)


def _have_reconnected(followers: list[Follower], before: list[int]) -> bool:
    return all(len(follower.away_s) > count for follower, count in zip(followers, before, strict=True))


def _watched(setup: FaultSetup, followers: list[Follower], threads: list[threading.Thread]) -> Watched:
    sent = {follower.session_id: _sent(setup, follower) for follower in followers}
    with contextlib.suppress(AssertionError):  # messages that do not arrive are counted as missed
        until(
            lambda: not any(follower.missed(sent[follower.session_id]) for follower in followers), "the last messages"
        )
    for follower in followers:
        follower.stopped = True
    for thread in threads:
        thread.join()
    return Watched(
        messages=sum(len(sent[follower.session_id]) for follower in followers),
        missed=sum(follower.missed(sent[follower.session_id]) for follower in followers),
        twice=sum(follower.twice() for follower in followers),
        away_s=[seconds for follower in followers for seconds in follower.away_s],
    )


def _sent(setup: FaultSetup, follower: Follower) -> list[int]:
    stream = progress_of(follower.session_id) if follower.session_id else PROGRESS
    return [seq for seq, _ in streams.read(setup.redis, stream)]
