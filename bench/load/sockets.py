"""A thousand watchers at ten messages a second on one API process, beside fifty that never read."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import requests
from redis import Redis

from bench.load.child import child
from bench.load.site import HOST, HZ, Site, cpu_s, site
from common.catalogue.test_type import Point
from common.messaging import events, streams
from common.messaging.redis import PROGRESS, readings_of
from common.store.sessions import SessionState
from testbed.waiting import until

READERS, MUTE = 1000, 50
SECONDS = 60
MB = 1e6
HARDWARE, TEST_PROGRESS = "hardware", "progress"
"""As operators see the clients counted."""
PATHS = {"/ws/hardware": HARDWARE, "/ws/hardware?hz=100": HARDWARE, "/ws/test-progress": TEST_PROGRESS}
"""What is watched at each. That rate is above the sampler's: each reading is sent, thinned."""
STREAMS = {HARDWARE: readings_of(HOST), TEST_PROGRESS: PROGRESS}
"""Of what should come there."""


@dataclass(frozen=True)
class Found:
    """What was seen of a WebSocket. `complete` is how many of the `readers` got each message, once and in order. Delays
    are in ms, memory in bytes; `cpu` is the API's process in percent of a core, `frame_us` is that for each frame.
    `mute_left` of the clients that never read were there in the end; the last went `dropped_s` after the first message.
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
    memory_most: int
    mute_left: int
    dropped_s: float | None


class Observer:
    """Looks at the API's process, and at how many clients it has."""

    def __init__(self, place: Site, kind: str) -> None:
        self._url = f"http://{place.api.address}/metrics"
        self._line = f'gait_websocket_clients{{kind="{kind}"}} '
        self._process = place.process
        self.memory_most = 0

    def clients(self) -> int:
        lines = requests.get(self._url, timeout=20).text.splitlines()
        return int(sum(float(line.removeprefix(self._line)) for line in lines if line.startswith(self._line)))

    def memory(self) -> int:
        found: int = self._process.memory_info().rss
        self.memory_most = max(self.memory_most, found)
        return found


def measure(path: str, readers: int = READERS, mute: int = MUTE, seconds: float = SECONDS) -> Found:
    """Of `hardware` the messages are a real sampler's, of `progress` those of a run."""
    kind = PATHS[path]
    stream = STREAMS[kind]
    with site() as place, child("bench.load.watchers", place.api.address, path, readers, mute) as clients:
        clients.hear()
        observer = Observer(place, kind)
        until(lambda: observer.clients() == readers + mute, "all clients to be counted")
        memory, dropped_s = observer.memory(), None
        with place.sampler() if kind == HARDWARE else progress(place.redis):
            clients.hear()
            [(first, _)] = streams.newest(place.redis, stream)
            began, busy_s = time.monotonic(), cpu_s(place.process)
            while (passed_s := time.monotonic() - began) < seconds:
                time.sleep(1)
                observer.memory()
                if dropped_s is None and observer.clients() <= readers:
                    dropped_s = passed_s
            busy_s = cpu_s(place.process) - busy_s
            expected = [seq for seq, _ in streams.read(place.redis, stream, after=first)]
            clients.say(json.dumps(expected))
            seen = json.loads(clients.hear())
            mute_left = observer.clients() - (readers - seen["lost"])
        return Found(
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
            memory_most=observer.memory_most,
            mute_left=mute_left,
            dropped_s=dropped_s,
        )


def rows(found: Found) -> list[tuple[str, str, str]]:
    """The rows of the table: what was measured, what is wanted, the result."""
    who = f"{found.path}, {found.readers:,} clients x {HZ} messages/s"
    gone = "-" if found.dropped_s is None else f"{found.dropped_s:.0f} s"
    grown = (found.memory_most - found.memory_before) / MB
    return [
        (f"{who}: clients that got all of {found.messages:,}", f"{found.readers:,}", f"{found.complete:,}"),
        ("delay p50 / p99 / slowest", "p99 <= 100 ms", f"{found.p50:.0f} / {found.p99:.0f} / {found.slowest:.0f} ms"),
        (
            f"{found.mute} that never read: still connected; the last was closed after",
            "0",
            f"{found.mute_left}; {gone}",
        ),
        ("API's memory with all connected, growth", "bounded", f"{found.memory_before / MB:.0f} MB, {grown:+.1f} MB"),
        ("API's CPU; per frame", "", f"{found.cpu:.0f} % of a core; {found.frame_us:.0f} us"),
    ]


@contextmanager
def progress(redis: Redis) -> Iterator[None]:
    """Messages of a run's progress, at the pace, until the block ends."""
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
