"""A thousand WebSocket clients at ten messages a second on one API process, and fifty that never read."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import requests
from redis import Redis

from bench.load.child import child
from bench.load.setup import HOST, HZ, LoadSetup, cpu_s, load_setup
from common.catalogue.test_type import Point
from common.messaging import events, streams
from common.messaging.redis import PROGRESS, readings_of
from common.store.reads.sessions import SessionState
from testbed.waiting import until

READERS, MUTE = 1000, 50
SECONDS = 60
MB = 1e6
HARDWARE, TEST_PROGRESS = "hardware", "progress"
"""The kinds of clients in the metrics of the API."""
PATHS = {"/ws/hardware": HARDWARE, "/ws/hardware?hz=100": HARDWARE, "/ws/test-progress": TEST_PROGRESS}
"""Paths with the kind of their clients. hz=100 is above the sampler's rate, so each reading is sent, downsampled."""
STREAMS = {HARDWARE: readings_of(HOST), TEST_PROGRESS: PROGRESS}
"""The stream whose messages should arrive."""


@dataclass(frozen=True)
class SocketResult:
    """The results of one path. `complete` readers got each message once and in order.

    Delays are in ms, memory in bytes. `cpu` is that of the API's process in percent of a core, and `frame_us` that of
    each frame. `mute_left` clients that never read were connected at the end. The last of the others was disconnected
    `dropped_s` after the first message.
    """

    path: str
    readers: int
    mute: int
    messages: int
    complete: int
    p50: float
    p99: float
    slowest: float
    cpu: float
    frame_us: float
    memory_before: int
    memory_max: int
    mute_left: int
    dropped_s: float | None


class Observer:
    """Reads the memory of the API's process, and the number of its clients."""

    def __init__(self, setup: LoadSetup, kind: str) -> None:
        self._url = f"http://{setup.api.address}/metrics"
        self._line = f'gait_websocket_clients{{kind="{kind}"}} '
        self._process = setup.process
        self.memory_max = 0

    def clients(self) -> int:
        lines = requests.get(self._url, timeout=20).text.splitlines()
        return int(sum(float(line.removeprefix(self._line)) for line in lines if line.startswith(self._line)))

    def memory(self) -> int:
        found: int = self._process.memory_info().rss
        self.memory_max = max(self.memory_max, found)
        return found


def measure(path: str, readers: int = READERS, mute: int = MUTE, seconds: float = SECONDS) -> SocketResult:
    """Measure a path. Messages of `hardware` come from a real sampler, those of `progress` from a modelled run."""
    kind = PATHS[path]
    stream = STREAMS[kind]
    with load_setup() as setup, child("bench.load.clients", setup.api.address, path, readers, mute) as clients:
        clients.receive()
        observer = Observer(setup, kind)
        until(lambda: observer.clients() == readers + mute, "all clients to be counted")
        memory, dropped_s = observer.memory(), None
        with setup.sampler() if kind == HARDWARE else progress(setup.redis):
            clients.receive()
            [(first, _)] = streams.newest(setup.redis, stream)
            began, busy_s = time.monotonic(), cpu_s(setup.process)
            while (passed_s := time.monotonic() - began) < seconds:
                time.sleep(1)
                observer.memory()
                if dropped_s is None and observer.clients() <= readers:
                    dropped_s = passed_s
            busy_s = cpu_s(setup.process) - busy_s
            expected = [seq for seq, _ in streams.read(setup.redis, stream, after=first)]
            clients.send(json.dumps(expected))
            seen = json.loads(clients.receive())
            mute_left = observer.clients() - (readers - seen["lost"])
        return SocketResult(
            path=path,
            readers=readers,
            mute=mute,
            messages=len(expected),
            complete=seen["complete"],
            p50=seen["p50"],
            p99=seen["p99"],
            slowest=seen["slowest"],
            cpu=100 * busy_s / passed_s,
            frame_us=1e6 * busy_s / (len(expected) * readers),
            memory_before=memory,
            memory_max=observer.memory_max,
            mute_left=mute_left,
            dropped_s=dropped_s,
        )


def rows(result: SocketResult) -> list[tuple[str, str, str]]:
    """Return the rows of the table: what was measured, the target, the result."""
    clients = f"{result.path}, {result.readers:,} clients x {HZ} messages/s"
    gone = "-" if result.dropped_s is None else f"{result.dropped_s:.0f} s"
    grown = (result.memory_max - result.memory_before) / MB
    delays = f"{result.p50:.0f} / {result.p99:.0f} / {result.slowest:.0f} ms"
    return [
        (f"{clients}: clients that got all of {result.messages:,}", f"{result.readers:,}", f"{result.complete:,}"),
        ("delay p50 / p99 / slowest", "p99 <= 100 ms", delays),
        (
            f"{result.mute} that never read: still connected; the last was closed after",
            "0",
            f"{result.mute_left}; {gone}",
        ),
        ("API's memory with all connected, growth", "bounded", f"{result.memory_before / MB:.0f} MB, {grown:+.1f} MB"),
        ("API's CPU; per frame", "", f"{result.cpu:.0f} % of a core; {result.frame_us:.0f} us"),
    ]


@contextmanager
def progress(redis: Redis) -> Iterator[None]:
    """Publish the progress of a run at the rate HZ until the block ends."""
    ended = threading.Event()
    state = SessionState("running", 40.0, 3, 8)
    point: Point = {"promptTokens": 1024}
    session = "01a209d2-d221-741c-84d0-38c0f996e1b8"
    event = events.Event("progress", session, state, "measuring", "llama3.2:3b", "decode", 40.0, point, repetition=3)

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
