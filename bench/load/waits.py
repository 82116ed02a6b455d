"""What other requests notice while many wait: for an Ollama, a lock on the database, or a client that does not read.

Meanwhile a probe asks for health and for a list all the time.
"""

import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field

import requests

from bench.load.setup import load_setup
from common.store.changes import claims, writes
from common.store.changes.writes import NewSession
from common.store.database import database, initialise
from common.store.reads import sessions
from common.store.tables import Run
from testbed.servers.postgresql import postgresql_server
from testbed.stored.sessions import store
from testbed.waiting import until

SLOW = 40
"""Requests of each kind. PostgreSQL's pool has 32 connections."""
LOCKED_S = 3.0
LIMIT_MS, BURST_LIMIT_MS = 250, 1000
RUNS, RUN_BYTES = 1000, 20_000
TIMEOUT_S = 60
MS = 1000
LIST, READY, HEALTH = "/api/v1/test-sessions?results=false", "/readyz", "/healthz"
SESSION = {"models": ["m:latest"], "testTypes": ["decode"]}


@dataclass
class Probe:
    """Answers to requests that are sent one after the other, with the slowest of them in ms."""

    statuses: dict[str, set[int]] = field(default_factory=dict)
    slowest_ms: float = 0.0
    count: int = 0

    def ask(self, address: str, path: str) -> None:
        began = time.monotonic()
        answer = requests.get(f"http://{address}{path}", timeout=TIMEOUT_S)
        self.slowest_ms = max(self.slowest_ms, MS * (time.monotonic() - began))
        self.statuses.setdefault(path, set()).add(answer.status_code)
        self.count += 1

    @property
    def all_answered(self) -> bool:
        return all(found == {200} for found in self.statuses.values())

    def row(self, what: str, limit_ms: int = LIMIT_MS) -> tuple[str, str, str]:
        """Return a row of the table."""
        answered = "all 200" if self.all_answered else str(self.statuses)
        return what, f"all 200, <= {limit_ms} ms", f"{answered}, {self.slowest_ms:.0f} ms ({self.count} requests)"


@contextmanager
def probing(address: str, *paths: str) -> Iterator[Probe]:
    """Ask for the paths again and again during the block."""
    probe, ended = Probe(), threading.Event()

    def ask() -> None:
        while not ended.wait(0.02):
            for path in paths:
                probe.ask(address, path)

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        yield probe
    finally:
        ended.set()
        asking.join()


def pool(slow: int = SLOW) -> list[tuple[str, str, str]]:
    """Send more slow requests than PostgreSQL's pool has connections. Nobody reads the exports among them."""
    with postgresql_server() as server, silent() as ollama:
        url = server.database()
        with load_setup(ollama, DATABASE_URL=url) as setup, ExitStack() as unread:
            session = large_session(url)
            address = setup.api.address
            with probing(address, READY, LIST, HEALTH) as probe, ThreadPoolExecutor(2 * slow) as clients:
                for _ in range(slow):
                    unread.enter_context(unread_export(address, session))
                    clients.submit(requests.post, f"http://{address}/api/v1/test-sessions", json=SESSION, timeout=60)
                    clients.submit(requests.get, f"http://{address}/api/v1/hosts", timeout=60)
    requested = f"{slow} submissions and {slow} of /hosts to a silent Ollama, {slow} unread exports"
    return [probe.row(f"PostgreSQL, {requested}: {READY}, a list", BURST_LIMIT_MS)]


def lock(locked_s: float = LOCKED_S) -> list[tuple[str, str, str]]:
    """Lock SQLite for a while, with writes that wait for it."""
    with load_setup() as setup:
        address = setup.api.address
        with (
            closing(sqlite3.connect(setup.folder / "gait.db", isolation_level=None)) as other,
            probing(address, HEALTH, LIST) as probe,
            ThreadPoolExecutor(8) as clients,
        ):
            other.execute("BEGIN IMMEDIATE")
            waiting = [clients.submit(timed, f"http://{address}{READY}") for _ in range(8)]
            time.sleep(locked_s)
            other.execute("ROLLBACK")
            waited = [one.result() for one in waiting]
    fine = sum(status == requests.codes.ok for status, _ in waited)
    longest = max(seconds for _, seconds in waited)
    return [
        probe.row(f"SQLite locked for {locked_s:.0f} s: {HEALTH}, a list"),
        ("8 writes that waited for the lock: succeeded", "8", f"{fine}, after {longest:.1f} s"),
    ]


def export() -> list[tuple[str, str, str]]:
    """Let a client not read an export of many megabytes, until it is cut."""
    with load_setup() as setup:
        session = large_session(f"sqlite:///{setup.folder}/gait.db")
        began = time.monotonic()
        with unread_export(setup.api.address, session), probing(setup.api.address, HEALTH, LIST) as probe:
            until(lambda: "did not read its response" in setup.api.log.read_text(), "the client to be cut", TIMEOUT_S)
            cut_s = time.monotonic() - began
    return [
        probe.row(f"an export of {RUNS * RUN_BYTES // 10**6} MB that its client does not read: {HEALTH}, a list"),
        ("that client was disconnected, with the reason in the log, after", "<= 35 s", f"{cut_s:.0f} s"),
    ]


MEASUREMENTS: tuple[Callable[[], list[tuple[str, str, str]]], ...] = (pool, lock, export)


def timed(url: str) -> tuple[int, float]:
    began = time.monotonic()
    return requests.get(url, timeout=TIMEOUT_S).status_code, time.monotonic() - began


@contextmanager
def silent() -> Iterator[str]:
    """Yield the URL of a server that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@contextmanager
def unread_export(address: str, session: str) -> Iterator[None]:
    """Request a session as a file, and read nothing."""
    host, port = address.split(":")
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect((host, int(port)))
        client.send(f"GET /api/v1/test-sessions/{session}/export HTTP/1.1\r\nHost: {address}\r\n\r\n".encode())
        yield


def large_session(url: str) -> str:
    """Store a session with many megabytes of runs, and return its id."""
    initialise(url)
    with database.connection_context():
        model = {"name": "m:latest", "version": "", "digest": "", "size": 1, "tags": []}
        new = NewSession("01a209d2-d221-741c-84d0-38c0f996e1b8", "local", [model], {"decode": {}}, request_digest="")
        session = store(new)
        claim = claims.Claim(session.id, "bench")
        claims.take(claim)
        [test] = sessions.tests(session.id)
        record = {"requests": ["x" * RUN_BYTES]}
        with database.atomic():
            for repetition in range(RUNS):
                writes.save_run(claim, Run(test=test, repetition=repetition, metrics={}, record=record))
    return session.id
