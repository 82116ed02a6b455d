"""Readings and reading windows as a sampler would have produced them."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from sampler.readings import CpuReading, EnergyReading, GpuReading, OllamaReading, Reading
from worker.machine.readings import ReadingWindow, TimedReading

UNKNOWN = Reading("h", None, None, None, None, EnergyReading(None))
CARD = GpuReading(0, "G", None, None, None, None, None, None, None, None, None, None)


def card(index: int = 0, **known: Any) -> GpuReading:
    return replace(CARD, index=index, **known)


def make_reading(
    *gpus: GpuReading,
    cpu: float | None = None,
    frequency: float | None = None,
    memory: int | None = None,
    package: float | None = None,
) -> Reading:
    return replace(
        UNKNOWN,
        cpu=None if cpu is None else CpuReading(cpu, (cpu,), frequency, None),
        ollama=None if memory is None else OllamaReading(1, None, memory),
        gpus=gpus,
        energy=EnergyReading(package),
    )


def reading_window(readings: Sequence[Reading], times: Sequence[int] | None = None) -> ReadingWindow:
    """Return a window of readings at 0, 100, 200, … ms, or at the given times."""
    ats = times or [100 * number for number in range(len(readings))]
    messages = [reading.message() for reading in readings]
    first = TimedReading(ats[0], ats[0], messages[0])
    return ReadingWindow(
        (first, *(TimedReading(since, at, one) for (since, at), one in zip(pairwise(ats), messages[1:], strict=True)))
    )
