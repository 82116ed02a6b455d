"""The parts that faults are injected into: Redis, a database, workers, and test servers that log each request."""

import contextlib
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from uuid import UUID

from redis import Redis

from common.catalogue.options import Options
from common.messaging.jobs import queue
from common.messaging.redis import connect
from common.store.changes.writes import NewSession
from common.store.database import database, open_database
from common.store.reads.sessions import runs, tests
from common.store.tables import Session, Status
from local.ports import free_port
from local.redis_server import redis_server
from testbed.ollama_double import OllamaDouble, RecordedRequest, Timing
from testbed.servers.workers import Workers, kill
from testbed.stored.sessions import store
from testbed.waiting import until
from worker import test_types  # noqa: F401 - registers the test types
from worker.workload.test_type import WORKLOADS

REPETITIONS = 4
OPTIONS: Options = {
    "promptTokens": 64,
    "outputTokens": 16,
    "minRepetitions": REPETITIONS,
    "maxRepetitions": REPETITIONS,
}
TYPES = ("decode", "ttft")
PACE = Timing(first=5, each=20)
"""A run takes about 330 ms, so most of a session is spent in a request."""


class RedisServer:
    """A Redis that can be killed, and restarts from its append-only file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = free_port()
        self._running = contextlib.ExitStack()
        self.url = self._start()

    def _start(self) -> str:
        return self._running.enter_context(redis_server(self._folder, self._folder / "redis.log", self._port))

    def restart(self, away_s: float) -> None:
        """Kill it with SIGKILL, and start it again after `away_s` seconds."""
        with Redis.from_url(self.url) as client:
            kill(client.info()["process_id"])
        self.stop()
        time.sleep(away_s)
        self._start()

    def stop(self) -> None:
        self._running.close()


@dataclass(frozen=True)
class FaultSetup:
    """The running parts. `hosts` are the test servers by the name of their host."""

    folder: Path
    server: RedisServer
    redis: Redis
    database_url: str
    workers: Workers
    hosts: dict[str, OllamaDouble]

    @property
    def listed_hosts(self) -> str:
        """The hosts in the format of OLLAMA_HOSTS, each as if on a machine of its own."""
        return ",".join(f"{name}@{name}={double.url}" for name, double in self.hosts.items())

    def start_workers(self, count: int) -> None:
        before = len(self.workers.started)
        for _ in range(count):
            self.workers.start(self.listed_hosts)
        until(lambda: self.workers.is_ready(before + count), "the workers to be ready")

    @property
    def database(self) -> Path:
        """The file of the SQLite database."""
        return Path(self.database_url.removeprefix("sqlite:///"))

    def submit(self, number: int, host: str) -> Session:
        """Submit a session with its own model, so that each request shows its session."""
        model = model_of(number)
        stored = {"name": model, "version": "", "digest": "", "size": 1, "tags": []}
        types = {kind: WORKLOADS[kind].test_type.resolve(OPTIONS) for kind in TYPES}
        new = NewSession(str(UUID(int=number)), host, [stored], types, request_digest="")
        session = store(new)
        queue.enqueue(self.redis, session.id, host)
        return session

    def until_ended(self, sessions: list[Session], timeout_s: float) -> None:
        until(lambda: all(map(has_ended, sessions)), "the end of the sessions", timeout_s)

    def results(self, sessions: list[Session]) -> dict[str, str]:
        """Return what is left of the sessions, by column."""
        stored, count = [Session.get_by_id(session.id) for session in sessions], len(sessions)
        return {
            "sessions completed": f"{sum(session.status == Status.COMPLETED for session in stored)} of {count}",
            "every run stored once": f"{sum(map(measured_once, stored))} of {count}",
            "requests of two sessions on a host at once": str(self.overlaps()),
        }

    def overlaps(self) -> int:
        """Count the pairs of requests of different sessions that overlapped on one host."""
        return sum(
            _overlap(one, other) for double in self.hosts.values() for one, other in combinations(double.requests, 2)
        )


@contextmanager
def fault_setup(hosts: int, models: int, database_url: str | None = None) -> Iterator[FaultSetup]:
    """Start everything but the workers. The database is SQLite unless `database_url` names another."""
    with contextlib.ExitStack() as open_:
        folder = Path(open_.enter_context(tempfile.TemporaryDirectory()))
        server = RedisServer(folder / "redis")
        open_.callback(server.stop)
        names = [model_of(number) for number in range(models)]
        doubles = {f"host{n}": open_.enter_context(OllamaDouble(*names, timing=PACE)) for n in range(hosts)}
        for double in doubles.values():
            double.last = {"eval_duration": 300_000_000}
        url = database_url or f"sqlite:///{folder}/gait.db"
        open_database(url)
        database.connect()  # without peewee's context, which does not allow a new connection after a fault
        open_.callback(database.close)
        started = Workers(server.url, url, folder / "workers.log")
        open_.callback(started.kill)
        yield FaultSetup(folder, server, connect(server.url), url, started, doubles)


def model_of(number: int) -> str:
    return f"m{number:03d}:latest"


def has_ended(session: Session) -> bool:
    return bool(Session.get_by_id(session.id).status != Status.RUNNING)


def claim_to(session: Session) -> str | None:
    token: str | None = Session.get_by_id(session.id).claim
    return token


def measured_once(session: Session) -> bool:
    """Return whether every run of the session is stored exactly once."""
    found = [[run.repetition for run in runs(test)] for test in tests(session.id)]
    return found == [list(range(1, REPETITIONS + 1))] * len(TYPES)


def _overlap(one: RecordedRequest, other: RecordedRequest) -> bool:
    if one.model == other.model or one.ended_ns is None or other.ended_ns is None:
        return False
    return one.started_ns < other.ended_ns and other.started_ns < one.ended_ns
