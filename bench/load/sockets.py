"""A thousand watchers at ten messages a second on one API process, beside fifty that never read."""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import requests
from redis import Redis

from common import events, streams
from common.config import settings
from common.redis import PROGRESS, readings_of
from local.processes import server
from local.redis_server import redis_server
from tests.support.api_server import ApiServer, api_server
from tests.support.waiting import until

READERS, MUTE = 1000, 50
HZ = 10
SECONDS = 60
HOST = "local"
SEQ = "0"


@dataclass(frozen=True)
class Found:
    """What was seen of one WebSocket. Delays in ms, `cpu` of the API's process in percent of a core, memory in bytes,
    `dropped_s` how long after the first message the mute ones were gone; None where they are still there.
    """

    path: str
    expected: int
    clients: int
    complete: int
    p50: float
    p99: float
    slowest: float
    cpu: float
    memory_before: int
    memory_most: int
    dropped_s: float | None

    @property
    def as_wanted(self) -> bool:
        return self.complete == self.clients and self.p99 <= 100 and self.dropped_s is not None


class Observer:
    """Looks once a second at the API's process and at how many clients it has."""

    def __init__(self, api: ApiServer, kind: str) -> None:
        self._url = f"http://{api.address}/metrics"
        self._line = f'gait_websocket_clients{{kind="{kind}"}} '
        [self.process] = psutil.Process(api.process.pid).children()
        self.memory_most = self.process.memory_info().rss
        self.dropped_at: float | None = None

    def clients(self) -> int:
        lines = requests.get(self._url, timeout=20).text.splitlines()
        return int(sum(float(line.removeprefix(self._line)) for line in lines if line.startswith(self._line)))

    def look(self, readers: int) -> None:
        self.memory_most = max(self.memory_most, self.process.memory_info().rss)
        if self.dropped_at is None and self.clients() <= readers:
            self.dropped_at = time.monotonic()


def measure(kind: str, readers: int = READERS, mute: int = MUTE, seconds: float = SECONDS) -> Found:
    """`kind` is hardware, whose messages are a real sampler's, or progress."""
    with site() as (redis, api, sampler):
        path, stream = ("/ws/hardware", readings_of(HOST)) if kind == "hardware" else ("/ws/test-progress", PROGRESS)
        publishing = sampler if kind == "hardware" else _progress(redis)
        observer = Observer(api, kind)
        before = observer.process.memory_info().rss
        with watchers(api, path, readers, mute) as told, publishing:
            until(lambda: observer.clients() == readers + mute, "all clients to be counted")
            until(lambda: streams.newest(redis, stream), "a first message")
            first, began, busy = streams.newest(redis, stream)[0][0], time.monotonic(), _cpu(observer.process)
            while time.monotonic() < began + seconds:
                time.sleep(1)
                observer.look(readers)
            share = 100 * (_cpu(observer.process) - busy) / (time.monotonic() - began)
            expected = [seq for seq, _ in streams.read(redis, stream, after=first)]
            seen = told(expected)
    return Found(
        path,
        len(expected),
        seen["clients"],
        seen["complete"],
        seen["p50"],
        seen["p99"],
        seen["max"],
        share,
        before,
        observer.memory_most,
        observer.dropped_at and observer.dropped_at - began,
    )


@contextmanager
def site() -> Iterator[tuple[Redis, ApiServer, Any]]:
    """A Redis, the API, and a sampler to be started."""
    with contextlib.ExitStack() as open_:
        folder = Path(open_.enter_context(tempfile.TemporaryDirectory()))
        url = open_.enter_context(redis_server(folder, folder / "redis.log"))
        redis = open_.enter_context(Redis.from_url(url))
        surroundings = {"REDIS_URL": url, "DATABASE_URL": f"sqlite:///{folder}/gait.db", "SAMPLE_HZ": str(HZ)}
        surroundings |= {"OLLAMA_HOSTS": f"{HOST}=http://127.0.0.1:1", "API_KEYS": "", "API_KEYS_FILE": ""}
        api = open_.enter_context(api_server(folder, surroundings))
        command, log = [sys.executable, "-m", "sampler"], folder / "sampler.log"
        yield (
            redis,
            api,
            server(command, log, os.environ | surroundings, ready=lambda: bool(redis.exists(readings_of(HOST)))),
        )


@contextmanager
def watchers(api: ApiServer, path: str, readers: int, mute: int) -> Iterator[Callable[[list[int]], dict[str, Any]]]:
    """Connected clients, in a process of their own; to be told in the end which numbers should have come."""
    command = [sys.executable, "-m", "bench.load.watchers", api.address.split(":")[1], path, str(readers), str(mute)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None  # noqa: S101 - a pipe was asked for
        assert process.stdout is not None  # noqa: S101 - a pipe was asked for
        try:
            process.stdout.readline()

            def told(expected: list[int]) -> dict[str, Any]:
                process.communicate
                process.stdin.write(json.dumps(expected) + "\n")
                process.stdin.flush()
                return json.loads(process.stdout.readline())

            yield told
        finally:
            process.kill()


@contextmanager
def _progress(redis: Redis) -> Iterator[None]:
    """Messages of a run's progress, at the pace, until the block ends."""
    ended = threading.Event()
    event = events.Event(
        "progress",
        "01a209d2-d221-741c-84d0-38c0f996e1b8",
        events.SessionState("running", 40.0, 3, 8),
        "measuring",
        "llama3.2:3b",
        "decode",
        40.0,
        point={"promptTokens": 1024},
        repetition=3,
    )

    def publish() -> None:
        due = time.monotonic()
        while not ended.wait(max(0, due - time.monotonic())):
            events.publish(redis, event)
            due += 1 / HZ

    publishing = threading.Thread(target=publish)
    publishing.start()
    try:
        yield
    finally:
        ended.set()
        publishing.join()


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


if __name__ == "__main__":
    for kind in sys.argv[1:]:
        print(measure(kind, seconds=20))
