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
from bench.fault_injection.site import OPTIONS, TYPES, Site, model_of, site
from common.messaging import streams
from common.messaging.redis import PROGRESS, progress_of
from common.store.tables import Session
from local.ports import free_port
from testbed.api_server import ApiServer, api_server
from testbed.waiting import until
from testbed.workers import kill

CLIENTS = 200
HOSTS = 2
SESSIONS = 20
WORKERS = 3
PATIENCE_S = 300
BETWEEN = 20
"""Messages that flow before the next fault."""
TRY_AGAIN_S = 0.2


class Api:
    """One that can be killed, and comes back at the same address."""

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
        """Kill -9 of all, and a new one."""
        workers = self.server.workers
        kill(self.server.process.pid)
        for worker in workers:
            kill(worker.pid)
        self.stop()
        self.server = self._start()

    def reload(self) -> None:
        """As a deploy does."""
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
    """What the clients saw, added up over them, of `messages` in the stream; `away_s` is how long each of them was cut
    off, each time.
    """

    messages: int
    missed: int
    twice: int
    away_s: list[float]

    def __str__(self) -> str:
        return f"of {self.messages} messages missed {self.missed}, twice {self.twice}; {_said(self.away_s)}"


def _said(away_s: Iterable[float]) -> str:
    times = list(away_s)
    return f"connected again after median {median(times):.1f} s, p95 {quantiles(times, n=20)[-1]:.1f} s"


def inject_faults(console: Console) -> dict[str, dict[str, str]]:
    """What was found after all three faults."""
    with site(HOSTS, SESSIONS) as place, served(place) as api:
        sessions, watched = watch_through(place, api, CLIENTS, SESSIONS, console.print)
        found = place.found(sessions) | {"details": str(watched)}
    return {f"API killed and reloaded, {CLIENTS} WebSockets": found}


@contextmanager
def served(place: Site) -> Iterator[Api]:
    settings = {"REDIS_URL": place.server.url, "DATABASE_URL": place.database_url, "OLLAMA_HOSTS": place.listed_hosts}
    api = Api(place.folder, settings)
    try:
        yield api
    finally:
        api.stop()


def watch_through(
    place: Site, api: Api, clients: int, count: int, tell: Callable[[str], object]
) -> tuple[list[Session], Watched]:
    """Submit so many sessions, have them watched by so many clients, and do to the API what FAULTS do meanwhile. Every
    other client watches the first session alone.
    """
    place.start_workers(WORKERS)
    address = api.server.address
    ids = [submit(address, 0, "host0")]
    followers = [Follower(address, ids[0] if number % 2 else None) for number in range(clients)]
    threads = [follower.start() for follower in followers]
    rest = threading.Thread(target=lambda: ids.extend(submit(address, n, f"host{n % HOSTS}") for n in range(1, count)))
    until(lambda: all(follower.connected for follower in followers), "all clients to be connected", PATIENCE_S)
    rest.start()
    for name, fault in FAULTS.items():
        _flow(place)
        before = [len(follower.away_s) for follower in followers]
        fault(api)
        until(lambda: _are_back(followers, before), f"all clients to be back after {name}", PATIENCE_S)  # noqa: B023 - called at once
        tell(f"  {name}: {_said(follower.away_s[-1] for follower in followers)}")
    rest.join()
    sessions = [Session.get_by_id(session_id) for session_id in ids]
    place.until_ended(sessions, PATIENCE_S)
    return sessions, _watched(place, followers, threads)


def submit(address: str, number: int, host: str) -> str:
    """A session's id, asked for with one idempotency key until the API says so."""
    body = {"models": [model_of(number)], "testTypes": TYPES, "host": host, "options": dict.fromkeys(TYPES, OPTIONS)}
    headers = {"Idempotency-Key": f"torture {number}"}
    while True:
        with contextlib.suppress(requests.RequestException):
            answer = requests.post(f"http://{address}/api/v1/test-sessions", json=body, headers=headers, timeout=30)
            if answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
                answer.raise_for_status()
                return str(answer.json()["sessionId"])
        time.sleep(TRY_AGAIN_S)


def _flow(place: Site) -> None:
    before = place.redis.xlen(PROGRESS)
    until(lambda: place.redis.xlen(PROGRESS) > before + BETWEEN, "messages to flow", PATIENCE_S)


def _are_back(followers: list[Follower], before: list[int]) -> bool:
    return all(len(follower.away_s) > count for follower, count in zip(followers, before, strict=True))


def _watched(place: Site, followers: list[Follower], threads: list[threading.Thread]) -> Watched:
    sent = {follower.session_id: _sent(place, follower) for follower in followers}
    with contextlib.suppress(AssertionError):  # what did not come is counted as missed
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


def _sent(place: Site, follower: Follower) -> list[int]:
    stream = progress_of(follower.session_id) if follower.session_id else PROGRESS
    return [seq for seq, _ in streams.read(place.redis, stream)]
