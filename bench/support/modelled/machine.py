"""The machine of a modelled server, and the readings that a sampler would have taken."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random
from typing import cast

from bench.series.gpus import modelled_gpu
from bench.support.modelled.ollama import ModelledOllama
from common.messaging import channels
from common.messaging.streams import Message
from common.records.readings import ReadingRecord
from common.records.usage import usage
from common.store.changes import writes
from common.store.changes.claims import Claim
from common.values.free_json import Json
from common.values.units import NS_PER_MS, NS_PER_S
from testbed.stored.readings import READING
from worker.machine.aggregates import aggregate
from worker.machine.clock_offset import Offset
from worker.machine.idle_baseline import Baseline
from worker.machine.monitor import MachineMonitor
from worker.machine.readings import ReadingWindow, TimedReading

IDLE_S = 5
AFTER_MS = 2000
IDLE_W = 22.0
DRIVER_BYTES = 400 * 2**20
CHUNK = 600
"""Readings that are stored at once, about as many as a worker stores in a minute."""
COOLEST, SPAN = 58, 22
"""Range of the working GPU's temperature in degrees Celsius."""


@dataclass
class ModelledMachine:
    """A machine, read every `step` ms from `start` on, in ms.

    `gpu` is the name of its GPU, None if it has none that is read. It is often `throttled`, as a hot one is. Other
    programs use `foreign` percent of the CPU.
    """

    start: int
    step: int
    gpu: str | None = "RTX 4090"
    foreign: float = 0.0
    throttled: bool = True
    server: ModelledOllama | None = None
    """The server whose models are in the GPU's memory, None for a usual amount."""
    is_idle: bool = False
    """Whether nothing runs on the GPU in the readings that come next."""
    messages: list[Message] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._readings = _readings(self.gpu, self.foreign, throttled=self.throttled)

    def timed_readings(self, start: float, end: float) -> list[TimedReading]:
        """Return the readings of a window, and one before and after."""
        self._read_until(end + AFTER_MS)
        first = max(0, int((start - self.start) // self.step) - 1)
        last = int((end - self.start) // self.step) + 3
        found = self.messages[first:last]
        return [
            TimedReading(since, at, cast("ReadingRecord", reading)) for (since, _), (at, reading) in pairwise(found)
        ]

    def _read_until(self, end: float) -> None:
        while self.start + len(self.messages) * self.step < end:
            reading = next(self._readings)
            gpus = [{**gpu, **self._gpu_in_use()} for gpu in reading["gpus"]]
            self.messages.append((self.start + len(self.messages) * self.step, {**reading, "gpus": gpus}))

    def _gpu_in_use(self) -> Json:
        """Return what the server's work changes in a GPU's part of a reading."""
        work = {"utilization": 0, "power": IDLE_W} if self.is_idle else {}
        if self.server is None:
            return work
        sizes = self.server.modelled.models
        held = sum(round(sizes[name].size * share) for name, share in self.server.placed.items())
        return {**work, "memoryOllama": held, "memoryUsed": held + DRIVER_BYTES}

    def store(self, claim: Claim) -> None:
        """Store the readings with the session, as a worker would."""
        for begin in range(0, len(self.messages), CHUNK):
            writes.save_series(claim, channels.series(self.messages[begin : begin + CHUNK]))


def _readings(gpu_name: str | None, foreign: float, *, throttled: bool) -> Iterator[Json]:
    chance, gpu, usual = Random(1), modelled_gpu(0), _usual()  # noqa: S311 - noise, not a secret
    while True:
        own = min(100.0 - foreign, max(0.0, chance.gauss(30, 8)))
        cpu = {
            **usual["cpu"],
            "percent": own + foreign,
            "frequency": 4400 - chance.randint(0, 12) * 100,
            "temperature": 61.0,
        }
        own_gpu = {**_within(next(gpu)), "name": gpu_name}
        gpus = [own_gpu if throttled else {**own_gpu, "throttle": []}] if gpu_name else []
        ollama = {**usual["ollama"], "cpu": max(0.0, own - chance.random() * 3)}
        yield {**usual, "cpu": cpu, "ollama": ollama, "battery": None, "gpus": gpus}


def _usual() -> Json:
    reading: Json = dict(READING.message())
    return reading


def _within(gpu: Json) -> Json:
    """Keep the temperature in a real range: a random walk over hours would leave it."""
    temperature = COOLEST + abs((gpu["temperature"] - COOLEST) % (2 * SPAN) - SPAN)
    return {**gpu, "temperature": temperature, "memoryTemperature": temperature + 16}


@dataclass
class ModelledMonitor(MachineMonitor):
    """A monitor that reads the modelled machine, on the modelled server's clock."""

    machine: ModelledMachine = field(kw_only=True)
    server: ModelledOllama = field(kw_only=True)

    def now(self) -> int:
        return self.server.now_ns // NS_PER_MS

    def offset(self) -> Offset:
        return Offset(0, 40_000)

    def record_idle(self, log: Callable[[str], None]) -> Baseline | None:
        log(f"idle baseline: recording the idle machine for {IDLE_S} s")
        self.server.now_ns += (AFTER_MS + 4 * self.machine.step) * NS_PER_MS  # so far the machine was read already
        start = self.now()
        self.machine.is_idle = True
        self.server.now_ns += IDLE_S * NS_PER_S
        seen = self.readings(start, self.now())
        self.machine.is_idle = False
        observed = aggregate(seen, [(start, self.now())])
        return Baseline(start, self.now(), usage(seen.within(start, self.now())), observed)

    def readings(self, start_ms: int, end_ms: int) -> ReadingWindow:
        return ReadingWindow(tuple(self.machine.timed_readings(start_ms, end_ms)))
