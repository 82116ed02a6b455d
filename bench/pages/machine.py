"""The machine under a modelled server: what a sampler would have read of it, at every beat of its clock."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random
from typing import Any

from bench.pages.server import ModelledOllama
from bench.series.gpus import modelled_gpu
from common.messaging import channels
from common.messaging.streams import Message
from common.store import writes
from common.store.claims import Claim
from common.units import NS_PER_MS, NS_PER_S
from testbed.readings import READING
from worker.machine.aggregates import observe
from worker.machine.clock_offset import Offset
from worker.machine.idle_baseline import Baseline
from worker.machine.monitor import MachineMonitor
from worker.machine.readings import TimedReading, Timeline
from worker.machine.usage import usage

Json = dict[str, Any]

IDLE_S = 5
AFTER_MS = 2000
A_STRETCH = 600
"""Readings that are stored at once; about what the recorder does in a minute."""
COOLEST, SPAN = 58, 22
"""Degrees Celsius of the GPU at work."""


@dataclass
class Machine:
    """Read every `step` ms from `start` on, with one GPU; both in ms."""

    start: int
    step: int
    messages: list[Message] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._readings = _readings()

    def beats(self, start: float, end: float) -> list[TimedReading]:
        """Those that matter to a window, and one before and after."""
        self._live_until(end + AFTER_MS)
        first = max(0, int((start - self.start) // self.step) - 1)
        last = int((end - self.start) // self.step) + 3
        found = self.messages[first:last]
        return [TimedReading(since, at, reading) for (since, _), (at, reading) in pairwise(found)]

    def _live_until(self, end: float) -> None:
        while self.start + len(self.messages) * self.step < end:
            self.messages.append((self.start + len(self.messages) * self.step, next(self._readings)))

    def store(self, claim: Claim) -> None:
        """Store the readings with the session, as its recorder would."""
        for begin in range(0, len(self.messages), A_STRETCH):
            writes.save_series(claim, channels.series(self.messages[begin : begin + A_STRETCH]))


def _readings() -> Iterator[Json]:
    chance, gpu, usual = Random(1), modelled_gpu(0), READING.message()  # noqa: S311 - noise, not a secret
    while True:
        busy = min(100.0, max(0.0, chance.gauss(30, 8)))
        cpu = {**usual["cpu"], "percent": busy, "frequency": 4400 - chance.randint(0, 12) * 100, "temperature": 61.0}
        ollama = {**usual["ollama"], "cpu": max(0.0, busy - chance.random() * 3)}
        yield {**usual, "cpu": cpu, "ollama": ollama, "battery": None, "gpus": [_within(next(gpu))]}


def _within(gpu: Json) -> Json:
    """With a temperature that turns round where a true one would: over hours a walk by chance goes anywhere."""
    temperature = COOLEST + abs((gpu["temperature"] - COOLEST) % (2 * SPAN) - SPAN)
    return {**gpu, "name": "RTX 4090", "temperature": temperature, "memoryTemperature": temperature + 16}


@dataclass
class ModelledMonitor(MachineMonitor):
    """Tells of the machine, on the modelled server's clock."""

    machine: Machine = field(kw_only=True)
    server: ModelledOllama = field(kw_only=True)

    def now(self) -> int:
        return self.server.now_ns // NS_PER_MS

    def offset(self) -> Offset:
        return Offset(0, 40_000)

    def record_baseline(self, log: Callable[[str], None], earlier: Baseline | None) -> Baseline | None:  # noqa: ARG002 - Witness's
        log(f"idle baseline: {IDLE_S} s in which nothing is asked of the machine")
        start = self.now()
        self.server.now_ns += IDLE_S * NS_PER_S
        seen = self.readings(start, self.now())
        observed = observe(seen, [(start, self.now())])
        self.idle = Baseline(start, self.now(), usage(seen.taken(start, self.now())), observed)
        return self.idle

    def readings(self, start_ms: int, end_ms: int) -> Timeline:
        return Timeline(tuple(self.machine.beats(start_ms, end_ms)))
